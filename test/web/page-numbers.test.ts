/** The page's numbers are the command line's: the same settings through both, in a real browser and through the built program. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawnAgain, noBrowser, type PageBrowser, pageBrowser } from "./support/page-browser.ts";

const program = join(import.meta.dirname, "..", "..", "dist", "cli", "ridgepoint.js");

/** Models, machines, attentions, formats, devices, engines and timings; some do not fit. */
const settings = [
  "m=llama-3.1-8b&h=h100-sxm&b=16&c=8192",
  "m=llama-2-7b&h=a100-80g-sxm&b=1&c=512",
  "m=llama-2-7b&h=h100-sxm&b=64&c=2048&a=mqa",
  "m=llama-2-70b&h=h200&b=32&c=4096&tp=2",
  "m=llama-3.1-70b&h=h100-sxm&b=1&c=4096",
  "m=llama-3.1-405b&h=b200&b=16&c=32768&tp=8&w=fp8",
  "m=deepseek-v3&h=h200&b=32&c=4096&tp=8",
  "m=mixtral-8x7b&h=mi300x&b=8&c=16384",
  "m=gpt-oss-120b&h=h100-sxm&b=4&c=100000",
  "m=gpt-oss-20b&h=rtx-4090&b=1&c=8192",
  "m=falcon-7b&h=l40s&b=3&c=2047",
  "m=gemma-3-27b&h=tpu-v5e&b=2&c=131072&tp=8",
  "m=qwen3-32b&h=h100-sxm&b=128&c=1024&w=int4:128&kv=fp8",
  "m=qwen2.5-7b&h=apple-m2-ultra&b=1&c=4096&w=q4_k_m",
  "m=llama-3.1-8b&h=h100-sxm&b=256&c=2048&w=fp8&act=fp8",
  "m=llama-3.1-8b&h=h100-sxm&b=16&c=8192&t=roofline",
  "m=llama-3.1-8b&h=a100-80g-sxm&b=16&c=8192&t=calibrated",
  "m=llama-3.1-8b&h=h100-sxm&b=16&c=8192&e=vllm",
  "m=flan-t5-xl&h=t4&b=8&c=512",
  "m=palm-540b&h=tpu-v4&b=512&c=2048&tp=16&a=mha",
];

const skipped = noBrowser ?? (existsSync(program) ? null : "dist/ is missing: npm run build");
const title = skipped === null ? "the page" : `the page, skipped: ${skipped}`;

describe.skipIf(skipped !== null)(title, () => {
  let browser: PageBrowser;
  let page: Page;
  beforeAll(async () => {
    browser = await pageBrowser();
    ({ page } = await browser.open());
  }, 60_000);
  afterAll(() => browser?.close());

  it.each(settings)("shows what its own command prints, to the last digit: %s", { timeout: 120_000 }, async (hash) => {
    await page.evaluate((next) => {
      location.hash = next;
    }, hash);
    await drawnAgain(page);
    expect(await page.textContent("#problem")).toBe("");
    const shown = await figuresOf(page);
    const command = (await page.textContent("#command")) ?? "";
    const printed = await printedBy(command);
    const numbers = {
      seconds: printed.seconds,
      secondsIfItFitted: printed.secondsIfItFitted,
      tokensPerSecond: printed.tokensPerSecond,
      lowerBoundSeconds: printed.lowerBoundSeconds,
      largestBatch: printed.largestBatch,
      arithmeticIntensity: printed.arithmeticIntensity,
      totals_bytes: printed.totals.bytes,
      totals_weightBytes: printed.totals.weightBytes,
      totals_kvBytes: printed.totals.kvBytes,
      totals_activationBytes: printed.totals.activationBytes,
      totals_flops: printed.totals.flops,
      footprint_bytes: printed.footprint.bytes,
    };
    for (const [figure, value] of Object.entries(numbers)) {
      expect({ [figure]: shown[figure] }).toEqual({ [figure]: value === null ? "" : String(value) });
    }
    expect(shown["bound"]).toBe(printed.bound ?? "");
    expect(shown["timing"]).toBe(printed.timing);
    expect(shown["fits"]).toBe(printed.fits ? "1" : "0");
  });

  it("gives in its JSON all that the command prints", { timeout: 120_000 }, async () => {
    await page.evaluate((next) => {
      location.hash = next;
    }, settings[0] as string);
    await drawnAgain(page);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save-json")]);
    const stream = await download.createReadStream();
    let text = "";
    for await (const part of stream) text += part;
    const saved = JSON.parse(text) as { settings: { command: string; step: unknown }[] };
    expect(saved.settings).toHaveLength(1);
    expect(saved.settings[0]?.step).toEqual(await printedBy(saved.settings[0]?.command ?? ""));
  });
});

/** Figures of the first setting by name, as the numbers that stand behind their texts. */
async function figuresOf(page: Page): Promise<Record<string, string>> {
  return await page.$$eval("#figures tbody tr td:nth-child(2) data", (cells) =>
    Object.fromEntries(
      cells.map((cell) => [(cell as HTMLElement).dataset["figure"] ?? "", (cell as HTMLDataElement).value]),
    ),
  );
}

interface PrintedStep {
  readonly seconds: number | null;
  readonly secondsIfItFitted: number | null;
  readonly tokensPerSecond: number | null;
  readonly lowerBoundSeconds: number;
  readonly largestBatch: number | null;
  readonly arithmeticIntensity: number;
  readonly bound: string | null;
  readonly timing: string;
  readonly fits: boolean;
  readonly totals: Readonly<Record<"bytes" | "weightBytes" | "kvBytes" | "activationBytes" | "flops", number>>;
  readonly footprint: { readonly bytes: number };
}

/** What the page's own command prints as JSON; exit code 3 says that nothing fits. */
async function printedBy(command: string): Promise<PrintedStep> {
  const [name, ...words] = command.split(" ");
  expect(name).toBe("ridgepoint");
  const run = promisify(execFile)(process.execPath, [program, ...words, "--json"]);
  const { stdout } = await run.catch((error: { code?: number; stdout: string }) => {
    if (error.code === 3) return error;
    throw error;
  });
  return JSON.parse(stdout) as PrintedStep;
}
