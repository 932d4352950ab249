/** Where a sweep's rows go: --out a file, which appears only when it is whole, or stdout. */
import { once } from "node:events";
import type { SweepBlock } from "../analysis/sweep-block.ts";
import { streamFile } from "../files/stream-file.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type SweepTextFormat, sweepHeader } from "../reporting/sweep-text.ts";
import type { CommandIo } from "./command.ts";
import { oneOf } from "./number-option.ts";
import type { RawOptions } from "./step-settings.ts";
import type { SweepFormat, SweepResult } from "./sweep-results.ts";

/** A path of null is stdout, which takes text only. */
export type SweepTarget =
  | { readonly path: string; readonly format: SweepFormat }
  | { readonly path: null; readonly format: SweepTextFormat };

export interface SweepSink {
  /** Settles when the next rows may come. @throws WorkFailed where they cannot be written */
  write(result: SweepResult): Promise<void>;
  /** After the last row. @throws WorkFailed */
  finish(): Promise<void>;
  /** Leaves no file behind; does nothing after finish. */
  discard(): Promise<void>;
}

const endings: readonly (readonly [RegExp, SweepFormat])[] = [
  [/\.csv$/i, "csv"],
  [/\.(ndjson|jsonl)$/i, "ndjson"],
  [/\.parquet$/i, "parquet"],
];

/** --out, --format, --csv and --json. @throws InvalidInput where they don't go together */
export function sweepTargetOf(options: RawOptions): SweepTarget {
  const path = options["out"] === undefined ? null : String(options["out"]);
  if (path === "") throw new InvalidInput("out", path, "wants a file's name");
  const asked = new Set<SweepFormat>();
  if (options["format"] !== undefined) asked.add(oneOf("format", options["format"], ["csv", "ndjson", "parquet"]));
  if (options["csv"] === true) asked.add("csv");
  if (options["json"] === true) asked.add("ndjson");
  if (asked.size > 1) throw new InvalidInput("format", [...asked].join(" and "), "wants one format");
  const [format] = asked;
  if (path !== null) return { path, format: formatOfFile(path, format) };
  if (format === "parquet") throw new InvalidInput("format", format, "wants --out FILE");
  return { path, format: format ?? "csv" };
}

function formatOfFile(path: string, asked: SweepFormat | undefined): SweepFormat {
  const ending = endings.find(([pattern]) => pattern.test(path))?.[1];
  if (asked !== undefined && ending !== undefined && asked !== ending) {
    throw new InvalidInput("format", asked, `${path} ends as ${ending}`);
  }
  const format = asked ?? ending;
  if (format !== undefined) return format;
  throw new InvalidInput("out", path, "wants an ending .csv, .ndjson, .jsonl or .parquet, or --format");
}

/** Opens the target. @throws WorkFailed where it cannot be written, before anything is computed */
export async function openSweepSink(target: SweepTarget, io: CommandIo): Promise<SweepSink> {
  if (target.path === null) return stdoutSink(target.format, io);
  const { path, format } = target;
  const file = await streamFile(path);
  if (format === "parquet") {
    const { parquetRowWriter } = await import("../files/parquet-row-writer.ts");
    const rows = parquetRowWriter((bytes) => file.write(bytes));
    return {
      discard: () => file.discard(),
      write: ({ content }) => rows.write(content as SweepBlock),
      finish: async () => {
        await rows.finish();
        await file.commit();
      },
    };
  }
  await file.write(new TextEncoder().encode(sweepHeader(format)));
  return {
    write: ({ content }) => file.write(content as Uint8Array),
    finish: () => file.commit(),
    discard: () => file.discard(),
  };
}

function stdoutSink(format: SweepTextFormat, io: CommandIo): SweepSink {
  const decoder = new TextDecoder();
  const header = sweepHeader(format);
  if (header !== "") io.write(header);
  return {
    async write({ content }): Promise<void> {
      io.write(decoder.decode(content as Uint8Array));
      if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
    },
    finish: async () => undefined,
    discard: async () => undefined,
  };
}
