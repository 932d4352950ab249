/** "Measure this device" in a real browser: on SwiftShader, a GPU that the processor plays, and where there is none. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { noBrowser, type PageBrowser, pageBrowser } from "./support/page-browser.ts";

const title = noBrowser === null ? "measuring on the page" : `measuring on the page, skipped: ${noBrowser}`;

describe.skipIf(noBrowser !== null)(title, () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await pageBrowser({ gpu: true });
  }, 60_000);
  afterAll(() => browser?.close());

  it("finds ceilings, MHA slower than MQA, and writes both in the layouts of measurements", {
    timeout: 300_000,
  }, async () => {
    const { page, complaints, foreign } = await browser.open();
    await page.click("#measure");
    await page.waitForFunction(
      () =>
        /^(Measured|Not measured|Measuring failed)/.test(document.querySelector("#measure-state")?.textContent ?? ""),
      null,
      { timeout: 280_000, polling: 500 },
    );
    expect(await page.textContent("#measure-state")).toMatch(/^Measured WebGPU on /);
    const saved = async (name: string): Promise<string> => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.click(`#measured button:text("${name}")`),
      ]);
      expect(download.suggestedFilename()).toBe(name);
      let text = "";
      for await (const part of await download.createReadStream()) text += part;
      return text;
    };
    const ceilings = JSON.parse(await saved("ceilings.json")) as Record<string, number | string>;
    for (const key of ["read_bytes_per_s", "fp32_flops", "fp16_flops"])
      expect(Number(ceilings[key])).toBeGreaterThan(1e6);
    const table = readMeasurementTable(await saved("attention.csv"), "attention.csv");
    expect(table.kind).toBe("attention");
    const rows = table.rows.flatMap((row) => (row.kind === "attention" ? [row] : []));
    expect(rows.map(({ kvHeads, context }) => `${kvHeads} ${context}`).sort()).toEqual(
      ["1 256", "1 1024", "32 256", "32 1024"].sort(),
    );
    // 32 times the bytes: whatever else runs here, reading them takes longer.
    const secondsOf = (kvHeads: number) =>
      rows.find((row) => row.kvHeads === kvHeads && row.context === 1024)?.seconds ?? Number.NaN;
    expect(secondsOf(32)).toBeGreaterThan(secondsOf(1));
    expect(readMeasurementTable(await saved("linear.csv"), "linear.csv").rows).toHaveLength(1);
    const predicted = await page.$$eval("#measured data[data-figure=predicted]", (cells) =>
      cells.map((cell) => Number((cell as HTMLDataElement).value)),
    );
    expect(predicted).toHaveLength(5);
    for (const seconds of predicted) expect(seconds).toBeGreaterThan(0);
    expect(await page.locator("#measured data[data-figure=speedup]").count()).toBe(2);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
    const picture = process.env["RIDGEPOINT_PICTURES"];
    if (picture !== undefined) await page.locator("section.measure").screenshot({ path: `${picture}/measured.png` });
  });

  it("says why nothing is measured where the browser has no WebGPU", { timeout: 120_000 }, async () => {
    const { page } = await browser.open();
    await page.evaluate(() => Object.defineProperty(navigator, "gpu", { value: undefined }));
    await page.click("#measure");
    await page.waitForFunction(() => document.querySelector("#measure-state")?.textContent?.startsWith("Not measured"));
    expect(await page.textContent("#measure-state")).toMatch(/^Not measured: this browser has no WebGPU/);
    expect(await page.isEnabled("#measure")).toBe(true);
  });

  it("stops when asked", { timeout: 120_000 }, async () => {
    const { page } = await browser.open();
    await page.click("#measure");
    await page.click("#stop-measuring");
    await page.waitForFunction(() => document.querySelector("#measure-state")?.textContent === "Stopped.");
    expect(await page.isVisible("#stop-measuring")).toBe(false);
  });
});
