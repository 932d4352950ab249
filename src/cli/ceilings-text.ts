/** Measured ceilings for reading: memory by level, arithmetic by format, the cost of a start, a column a number of threads. */

import { otherProgramsText } from "../measurement/other-programs.ts";
import {
  formatBandwidth,
  formatBytesBinary,
  formatFlopsPerSecond,
  formatSeconds,
} from "../quantity/format-quantity.ts";
import type { MeasuredCeilings } from "./printed-ceilings.ts";
import { textTable } from "./text-table.ts";

export function ceilingsText(measured: MeasuredCeilings): string {
  const { machine, levels, multiplyAdds, starts, backend } = measured;
  const rows: string[][] = [];
  // A GPU's kernels run on as many as it has.
  const threadsText = (threads: number): string =>
    backend === "webgpu" ? "GPU" : `${threads} thread${threads === 1 ? "" : "s"}`;
  for (const each of levels) {
    for (const level of each.levels) {
      const held = level.bytes === null ? "" : formatBytesBinary(level.bytes);
      rows.push([`read from ${level.name}`, held, threadsText(each.threads), formatBandwidth(level.bytesPerSecond)]);
    }
    const peaks = multiplyAdds.filter(({ threads }) => threads === each.threads);
    for (const { format, flopsPerSecond } of peaks) {
      rows.push([
        `multiply-adds, ${format}`,
        "",
        threadsText(each.threads),
        formatFlopsPerSecond(flopsPerSecond.median),
      ]);
    }
    for (const start of starts.filter(({ threads }) => threads === each.threads)) {
      rows.push(["start of a kernel", "", threadsText(each.threads), formatSeconds(start.seconds.median)]);
    }
  }
  const on = backend === "webgpu" ? (machine.adapter ?? "GPU") : threadsText(measured.threads);
  const head = `${machine.processor}, ${on}, ${backend}, ${machine.date}\n\n`;
  const table = textTable([{ title: "ceiling" }, { title: "holds" }, { title: "on" }, { title: "median" }], rows);
  const { otherProgramsPercent: percent } = measured;
  const others = percent === null ? "" : `${otherProgramsText(percent / 100)}\n`;
  return `${head}${table}${others}${measured.refused.map((each) => `left out: ${each}\n`).join("")}${measured.notes.map((each) => `note: ${each}\n`).join("")}`;
}
