/**
 * Arrival times as traces write them: numbers, or dates with a time of day ("2023-11-16 18:17:03.9799600", ISO 8601 with T, Z or an
 * offset). A date without an offset is taken as UTC, which matters to no difference of two of the same file.
 */

/** A date's part up to the minute, its seconds with any number of digits, its offset. */
const dateTime = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}):(\d{2}(?:\.\d+)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * A reader of one file's times: seconds, of a date those since the file's first date, so that a fraction of a microsecond is kept.
 * The reader answers NaN for what is neither.
 * @param unitSeconds of a plain number
 */
export function traceTimeReader(unitSeconds: number): (cell: unknown) => number {
  let origin: number | null = null;
  // Rows of one minute follow each other, so that a minute is worked out once.
  let minute = "";
  let minuteSeconds = 0;
  return (cell) => {
    if (typeof cell === "number") return cell * unitSeconds;
    if (typeof cell !== "string") return Number.NaN;
    const text = cell.trim();
    // Tried one after the other, either would be in vain for all rows of half the traces.
    const match = text[4] === "-" ? dateTime.exec(text) : null;
    if (match === null) return text === "" ? Number.NaN : Number(text) * unitSeconds;
    const [, upToMinute = "", seconds = "", offset = "Z"] = match;
    if (upToMinute !== minute) {
      minute = upToMinute;
      minuteSeconds = Date.parse(`${upToMinute.replace(" ", "T")}:00Z`) / 1000;
    }
    const whole = minuteSeconds - offsetSeconds(offset);
    origin ??= whole;
    return whole - origin + Number(seconds);
  };
}

function offsetSeconds(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const sign = offset.startsWith("-") ? -1 : 1;
  const minutes = offset.slice(3).replace(":", "");
  return sign * (3600 * Number(offset.slice(1, 3)) + 60 * Number(minutes));
}
