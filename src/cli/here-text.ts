/** A validation of this machine as text: verdict, errors with and without the fit, the fit. */
import { formatSeconds } from "../quantity/format-quantity.ts";
import { signedPercent } from "../reporting/validation-page.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import type { PrintedHere, PrintedKinds } from "./printed-here.ts";
import { textTable } from "./text-table.ts";

export function hereText(printed: PrintedHere): string {
  const { machine, backend, threads, wallSeconds, fittedRows, otherProgramsPercent } = printed;
  const on = `${machine}, ${backend}, ${threads} thread${threads === 1 ? "" : "s"}, ${printed.date}`;
  const calm = `${printed.calmSamples} of ${printed.takenSamples} samples were calm`;
  const others = `other programs used ${otherProgramsPercent.toFixed(0)} % of the processors meanwhile`;
  const notes = printed.notes.map((note) => `note: ${note}\n`).join("");
  return [
    `${on}: measured in ${formatSeconds(wallSeconds)}; ${others}; ${calm}\n\n`,
    verdictText(printed),
    `\nerror in per cent of the measured time; ${fittedRows} kernels were fitted, none of these rows\n\n`,
    errorTable([
      ["whole steps", printed.steps],
      ["kernels", printed.kernels],
    ]),
    "\n",
    fitTable(printed),
    notes === "" ? "" : `\n${notes}`,
  ].join("");
}

function verdictText({ verdict, passed }: PrintedHere): string {
  const titles = [{ title: "verdict" }, { title: "here" }, { title: "at most" }, { title: "largest" }, { title: "" }];
  const rows = verdict.map((line) => {
    const { value, largest, limit, passed: met } = line;
    if (value === null) return [line.claim, "-", `${limit} %`, "", "not judged"];
    const most = largest === null ? "" : `${largest.toFixed(1)} %`;
    return [line.claim, `${value.toFixed(1)} %`, `${limit} %`, most, met === true ? "met" : "missed"];
  });
  return `${textTable(titles, rows)}${passed ? "all met" : "not all met"}\n`;
}

type Twice = { readonly calibrated: PrintedKinds; readonly roofline: PrintedKinds };

function errorTable(parts: readonly (readonly [string, Twice])[]): string {
  const titles = ["", "rows", "median", "largest", "bias", "within 10 %"].map((title) => ({ title }));
  const rows = parts.flatMap(([, { calibrated, roofline }]) =>
    Object.entries(calibrated).flatMap(([kind, fitted]) => {
      const bound = roofline[kind as keyof PrintedKinds];
      return [
        statisticsCells(`${kind}, calibrated`, fitted),
        ...(bound === undefined ? [] : [statisticsCells(`${kind}, roofline`, bound)]),
      ];
    }),
  );
  return textTable(titles, rows);
}

function statisticsCells(name: string, s: ErrorStatistics): string[] {
  return [
    name,
    String(s.rows),
    s.medianAbsolutePercentageError.toFixed(1),
    s.maxAbsolutePercentageError.toFixed(1),
    signedPercent(s.bias).replace(" %", ""),
    s.within10Percent.toFixed(0),
  ];
}

function fitTable({ families, commonKnee }: PrintedHere): string {
  const titles = ["fit", "rows", "start", "of bandwidth", "of peak"].map((title) => ({ title }));
  const rows = families.map((each) => {
    const shown = (parameter: string, text: string): string => {
      if (each.atBound.includes(parameter)) return `${text} (bound)`;
      return each.determined.includes(parameter) ? text : "-";
    };
    return [
      each.family,
      String(each.rows),
      shown("startSeconds", formatSeconds(each.startSeconds)),
      shown("bandwidthEfficiency", each.bandwidthEfficiency.toFixed(2)),
      shown("computeEfficiency", each.computeEfficiency.toFixed(2)),
    ];
  });
  const knee = commonKnee === null ? "" : `knee of all: ${commonKnee.toFixed(1)}\n`;
  return `${textTable(titles, rows)}${knee}`;
}
