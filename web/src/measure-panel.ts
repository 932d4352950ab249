/** "Measure this device": what runs it, what it found, and its files. What measures is loaded when it is asked for. */
import { formatBandwidth, formatBytes, formatFlopsPerSecond, formatRatio, formatSeconds } from "ridgepoint";
import { button, byId, element, setText } from "./element.ts";
import type { MeasuredDevice } from "./measured-device.ts";
import { saveFile } from "./save-file.ts";

export function measurePanel(): void {
  const [start, stop] = [byId("measure", HTMLButtonElement), byId("stop-measuring", HTMLButtonElement)];
  const [state, holder] = [byId("measure-state", HTMLElement), byId("measured", HTMLElement)];
  let running: AbortController | null = null;
  stop.addEventListener("click", () => running?.abort(new DOMException("stopped", "AbortError")));
  start.addEventListener("click", async () => {
    running = new AbortController();
    start.disabled = true;
    stop.hidden = false;
    try {
      const { measureDevice } = await import("./measured-device.ts");
      const answer = await measureDevice({ say: (text) => setText(state, text), interrupted: running.signal });
      if (answer.measured === null) {
        setText(state, `Not measured: ${answer.reason}.`);
        return;
      }
      holder.replaceChildren(...measuredParts(answer.measured));
      setText(state, `Measured ${answer.measured.adapter}.`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      setText(state, running.signal.aborted ? "Stopped." : `Measuring failed: ${reason}`);
    } finally {
      start.disabled = false;
      stop.hidden = true;
    }
  });
}

const names = { MHA: "attention, MHA 32/32", MQA: "attention, MQA 32/1", matrix: "matrix product" } as const;

function measuredParts({ ceilings, isSoftware, rows, speedups, tables, notes }: MeasuredDevice): HTMLElement[] {
  const formats: Readonly<Record<string, readonly [string, (value: number) => string]>> = {
    read_bytes_per_s: ["Reading memory", formatBandwidth],
    write_bytes_per_s: ["Writing memory", formatBandwidth],
    copy_bytes_per_s: ["Copying memory, both directions", formatBandwidth],
    fp32_flops: ["Multiply-adds, fp32 operands", formatFlopsPerSecond],
    fp16_flops: ["Multiply-adds, fp16 operands widened to fp32", formatFlopsPerSecond],
    graph_kernel_gap_s: ["Starting a kernel", formatSeconds],
  };
  const ceilingRows = Object.entries(formats).flatMap(([key, [name, format]]) => {
    const value = ceilings[key];
    return typeof value === "number" ? [[name, figure(key, value, format(value))]] : [];
  });
  const compared = rows.map(({ what, context, bytes, measuredSeconds, predictedSeconds }) => [
    names[what],
    context === null ? "–" : String(context),
    formatBytes(bytes),
    figure("measured", measuredSeconds, formatSeconds(measuredSeconds)),
    figure("predicted", predictedSeconds, formatSeconds(predictedSeconds)),
    formatRatio(measuredSeconds / predictedSeconds),
  ]);
  const software = "The browser plays the GPU on the processor (a software adapter): these are no GPU's figures.";
  const files = Object.entries(tables).map(([name, text]) => button(name, () => saveFile(name, text, "text/csv")));
  return [
    ...(isSoftware ? [element("p", { class: "note" }, software)] : []),
    table("Ceilings", ["What", "Measured"], ceilingRows),
    table(
      "Kernels: measured beside the roofline at these ceilings",
      ["What", "Context", "Bytes", "Measured", "Predicted", "Measured / predicted"],
      compared,
    ),
    table(
      "Attention with one K/V head (MQA): times as fast as with all (MHA)",
      ["Context", "Measured", "Predicted"],
      speedups.map((each) => [
        String(each.context),
        figure("speedup", each.measured, formatRatio(each.measured)),
        formatRatio(each.predicted),
      ]),
    ),
    ...(notes.length === 0 ? [] : [element("ul", { class: "notes" }, ...notes.map((note) => element("li", {}, note)))]),
    element(
      "div",
      { class: "buttons", role: "group", "aria-label": "Download what was measured" },
      "Download ",
      button("ceilings.json", () =>
        saveFile("ceilings.json", `${JSON.stringify(ceilings, null, 1)}\n`, "application/json"),
      ),
      ...files,
    ),
  ];
}

function figure(name: string, value: number, text: string): HTMLElement {
  return element("data", { value: String(value), "data-figure": name }, text);
}

function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly (string | HTMLElement)[])[],
): HTMLElement {
  return element(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((each) => element("td", {}, each))))),
    ),
  );
}
