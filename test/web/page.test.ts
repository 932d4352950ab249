/** The page in a real browser: what people do with it, and what it must withstand. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  drawnAgain,
  drawnCharts,
  noBrowser,
  type OpenedPage,
  type PageBrowser,
  pageBrowser,
} from "./support/page-browser.ts";

const title = noBrowser === null ? "the page" : `the page, skipped: ${noBrowser}`;
const config = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  _name_or_path: "someone/made-up-1b",
  hidden_size: 2048,
  intermediate_size: 8192,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  num_hidden_layers: 16,
  max_position_embeddings: 4096,
  vocab_size: 32_000,
  tie_word_embeddings: true,
  hidden_act: "silu",
});
const four =
  "#m=llama-3.1-8b&h=h100-sxm&b=64&c=8192/m=llama-3.1-8b&h=h100-sxm&a=mqa&b=64&c=8192&on=1/m=llama-3.1-70b&h=h100-sxm&b=64&c=8192/m=llama-2-7b&h=t4&b=1&c=2048";
const views: readonly (readonly [name: string, hash: string, options: BrowserContextOptions])[] = [
  ["light", "", { colorScheme: "light" }],
  ["dark", "", { colorScheme: "dark" }],
  ["narrow", "", { viewport: { width: 320, height: 700 }, colorScheme: "light" }],
  ["four-settings-light", four, { colorScheme: "light" }],
  ["four-settings-narrow-dark", four, { viewport: { width: 320, height: 700 }, colorScheme: "dark" }],
];

describe.skipIf(noBrowser !== null)(title, { timeout: 120_000 }, () => {
  let browser: PageBrowser;
  const opened: OpenedPage[] = [];
  const open = async (hash?: string, options?: BrowserContextOptions): Promise<OpenedPage> => {
    const page = await browser.open(hash, options);
    opened.push(page);
    return page;
  };
  beforeAll(async () => {
    browser = await pageBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  it("restores four settings from a link, the shown one among them, and writes the same link again", async () => {
    const { page } = await open(four);
    expect(await page.locator("[role=tab]").count()).toBe(4);
    expect(await page.getAttribute("#tab-1", "aria-selected")).toBe("true");
    expect(await page.inputValue("#attention")).toBe("mqa");
    await page.fill("#batch", "65");
    await page.press("#batch", "Enter");
    await page.fill("#batch", "64");
    await page.press("#batch", "Enter");
    await drawnAgain(page);
    await page.waitForFunction((hash) => location.hash === hash, four);
  });

  it("follows a slider with the numbers, the charts, the command and the address", async () => {
    const { page } = await open("#m=llama-2-7b&h=h100-sxm&b=1&c=512&t=roofline");
    const before = await page.textContent("[data-figure=seconds]");
    const bar = await page.locator("#card-bytes svg").innerHTML();
    await page.focus("#context-slider");
    await page.keyboard.press("End");
    await drawnAgain(page);
    expect(await page.inputValue("#context")).toBe("1048576");
    expect(await page.textContent("[data-figure=seconds]")).not.toBe(before);
    expect(await page.locator("#card-bytes svg").innerHTML()).not.toBe(bar);
    expect(await page.textContent("#command")).toContain("--context 1048576");
    await page.waitForFunction(() => location.hash.includes("c=1048576"));
    await page.waitForFunction(() =>
      /1048576|does not fit|a step/.test(document.querySelector("#live")?.textContent ?? ""),
    );
  });

  it("says what is wrong with a field and keeps the last good setting", async () => {
    const { page } = await open("#m=llama-2-7b&h=h100-sxm&b=1&c=512");
    await page.fill("#model", "lama-2-7b");
    await page.press("#model", "Tab");
    expect(await page.textContent("#problem")).toContain("did you mean llama-2-7b?");
    expect(await page.textContent("#headline")).toContain("Llama 2 7B on H100");
    await page.fill("#attention", "gqa:5");
    await page.press("#attention", "Tab");
    await drawnAgain(page);
    expect(await page.textContent("#headline")).toContain("K/V heads must divide heads 32");
  });

  it("leaves a field alone while it is typed in, whatever is shown meanwhile", async () => {
    const { page } = await open("#m=llama-2-7b&h=h100-sxm&b=1&c=512");
    await page.focus("#model");
    await page.keyboard.type("llama-3");
    await page.evaluate(() => {
      const slider = document.querySelector("#batch-slider") as HTMLInputElement;
      slider.value = "9";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await drawnAgain(page);
    expect(await page.inputValue("#model")).toBe("llama-3");
    await page.keyboard.type(".1-8b");
    await page.keyboard.press("Enter");
    await drawnAgain(page);
    expect(await page.textContent("#headline")).toContain("Llama 3.1 8B on H100");
    expect(await page.inputValue("#batch")).toBe("12");
  });

  it("says by how much a model does not fit, and gives it no speed", async () => {
    const { page } = await open("#m=llama-3.1-70b&h=h100-sxm&b=1&c=4096");
    expect(await page.textContent("#headline")).toMatch(/does not fit: needs 142 GB, has 85.0 GB/);
    expect(await page.textContent("[data-figure=fits]")).toMatch(/^does not fit by 5\d\.\d GB/);
    expect(await page.getAttribute("[data-figure=seconds]", "value")).toBe("");
  });

  it("computes the cost of a million tokens from a price that is typed in", async () => {
    // 3,600,000 tokens an hour and more: cost = price / 3600 / (tokens a second) × 10^6.
    const { page } = await open("#m=llama-2-7b&h=h100-sxm&b=16&c=512&usd=7.5");
    const tokensPerSecond = Number(await page.getAttribute("[data-figure=tokensPerSecond]", "value"));
    const cost = Number(await page.getAttribute("[data-figure=costPerMillionTokens]", "value"));
    expect(cost).toBeCloseTo((7.5 / 3600 / tokensPerSecond) * 1e6, 12);
  });

  it("reads a pasted config.json, keeps it in its link, and restores it", async () => {
    const { page } = await open();
    await page.click(".config summary");
    await page.fill("#config", config);
    await page.click("#use-config");
    await drawnAgain(page);
    expect(await page.textContent("#headline")).toContain("made-up-1b on H100");
    expect(await page.textContent("#command")).toContain("--config config.json");
    await page.waitForFunction(() => location.hash.includes("x="));
    const again = await open(await page.evaluate(() => location.hash));
    expect(await again.page.textContent("#headline")).toBe(await page.textContent("#headline"));
  });

  it("offers each chart as PNG, SVG, CSV and JSON, and the data as a table", async () => {
    const { page } = await open("#m=llama-2-7b&h=h100-sxm&b=1&c=512");
    const starts = { png: "\u0089PNG", svg: "<svg", csv: "Series,", "vl.json": "{" };
    for (const [index, [extension, start]] of Object.entries(starts).entries()) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator("#card-bytes .buttons button").nth(index).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`ridgepoint-bytes.${extension}`);
      const parts: Buffer[] = [];
      for await (const part of await download.createReadStream()) parts.push(part as Buffer);
      expect(Buffer.concat(parts).toString("latin1").startsWith(start)).toBe(true);
    }
    for (const id of ["bytes", "memory", "roofline", "context", "speedup"]) {
      await page.click(`#card-${id} summary`);
      await page.locator(`#card-${id} tbody tr`).first().waitFor({ state: "attached" });
    }
  });

  it.each([
    [
      "script in every field",
      "#m=<script>alert(1)</script>&h=<img src=x onerror=alert(1)>&a=javascript:alert(1)&b=<b>&w='\"><svg onload=alert(1)>",
    ],
    ["names of prototypes", "#__proto__=1&constructor=1&m=__proto__&h=constructor&a=__proto__&x=__proto__"],
    ["what is no deflated text", "#m=llama-2-7b&x=AAAA"],
    ["broken escapes", "#m=%E0%A4%A&b=%"],
    ["settings without end", `#${"b=1/".repeat(9000)}`],
    ["10 MB", `#m=${"a".repeat(10_000_000)}`],
  ])("shows its usual result for an address with %s", async (_, hash) => {
    const { page, complaints } = await open();
    let dialogs = 0;
    page.on("dialog", async (dialog) => {
      dialogs += 1;
      await dialog.dismiss();
    });
    await page.evaluate((next) => {
      location.hash = next;
    }, hash);
    await page.waitForTimeout(100);
    await drawnAgain(page);
    expect(await page.textContent("#headline")).toMatch(/ a step, |does not fit/);
    expect(await page.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
    expect(await page.locator("#setting script, #result script, #setting img, #result img").count()).toBe(0);
    expect(dialogs).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each([
    [
      "script in its names",
      config.replace("someone/made-up-1b", "<img src=x onerror=alert(1)><script>alert(1)</script>"),
      null,
    ],
    ["__proto__", `{"__proto__": {"polluted": true}, ${config.slice(1)}`, /__proto__ \(is not allowed\)/],
    ["10 MB", `{"a": "${"x".repeat(10_000_000)}"}`, /at most 5000000/],
    ["100,000 brackets", "[".repeat(100_000), /nest|depth|deep/i],
    ["numbers beyond all bounds", config.replace("2048", "1e308"), /invalid/],
    ["code", "alert(1)", /syntax error/],
  ])("takes a config.json with %s as data", async (_, text, refusal) => {
    const { page, complaints } = await open();
    let dialogs = 0;
    page.on("dialog", async (dialog) => {
      dialogs += 1;
      await dialog.dismiss();
    });
    await page.click(".config summary");
    // As a paste does it: typing 10 MB would take minutes.
    await page.evaluate((pasted) => {
      (document.querySelector("#config") as HTMLTextAreaElement).value = pasted;
    }, text);
    await page.click("#use-config");
    await drawnAgain(page);
    if (refusal !== null) expect(await page.textContent("#config-note")).toMatch(refusal);
    expect(
      await page.evaluate(() => ({}) as Record<string, unknown>).then((object) => object["polluted"]),
    ).toBeUndefined();
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(dialogs).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each(views)(
    "has no fault that axe-core finds and nothing wider than the window: %s",
    async (name, hash, options) => {
      const { page } = await open(hash, options);
      await seeAll(page);
      for (const id of ["bytes", "speedup"]) await page.click(`#card-${id} summary`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      // The policy forbids what is not the page's own, so axe runs in the browser's own world.
      const faults = await axeFaults(page);
      expect(faults).toEqual([]);
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    },
  );

  it("follows its own switch between light and dark, and remembers it", async () => {
    const { page, context } = await open("", { colorScheme: "light" });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe("rgb(255, 255, 255)");
    await page.selectOption("#theme", "dark");
    expect(await background()).toBe("rgb(21, 24, 29)");
    await page.reload();
    await drawnCharts(page);
    expect(await background()).toBe("rgb(21, 24, 29)");
    await context.close();
  });

  it("moves between settings by arrow keys, and adds and removes them", async () => {
    const { page } = await open();
    await page.click("#add-setting");
    await page.fill("#attention", "mqa");
    await page.press("#attention", "Enter");
    await drawnAgain(page);
    expect(await page.locator("#figures thead th").allTextContents()).toEqual(["A: GQA 32/8", "B: MQA 32/1"]);
    await page.focus("#tab-1");
    await page.keyboard.press("ArrowRight");
    await drawnAgain(page);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("tab-0");
    expect(await page.inputValue("#attention")).toBe("as-is");
    await page.click("#remove-setting");
    await drawnAgain(page);
    expect(await page.inputValue("#attention")).toBe("mqa");
    expect(await page.isDisabled("#remove-setting")).toBe(true);
  });

  it("leaves the setting as it is when the link to the result is taken", async () => {
    const { page } = await open("#m=llama-2-7b&h=t4&b=2&c=512");
    await page.focus(".skip");
    await page.keyboard.press("Enter");
    await drawnAgain(page);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("result");
    expect(await page.inputValue("#hardware")).toBe("t4");
  });

  it("shows the last of many inputs, however fast they come", async () => {
    const { page, complaints } = await open("#m=llama-3.1-8b&h=h100-sxm&b=16&c=8192");
    await page.locator("#card-roofline").scrollIntoViewIfNeeded();
    await page.evaluate(async () => {
      const slider = document.querySelector("#batch-slider") as HTMLInputElement;
      for (let i = 0; i < 80; i++) {
        slider.value = String((i * 7) % Number(slider.max));
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
      }
    });
    await drawnAgain(page);
    const batch = await page.inputValue("#batch");
    expect(Number(batch)).toBeGreaterThan(0);
    expect(await page.textContent("#card-roofline .caption")).toContain(`batch ${batch},`);
    expect(await page.getAttribute("#card-roofline .picture", "aria-label")).toContain(`batch ${batch},`);
    expect(complaints).toEqual([]);
  });

  it("works without a network once it was opened, by a link as well", async () => {
    const own = await pageBrowser();
    try {
      const { page, complaints } = await own.open();
      await page.waitForSelector("html[data-offline=ready]");
      await own.stopServing();
      await page.goto(`${own.url}#m=llama-2-7b&h=a100-80g-sxm&b=4&c=4096`);
      await page.reload();
      await drawnCharts(page);
      expect(await page.textContent("#headline")).toContain("Llama 2 7B on A100");
      expect(await page.locator("#card-roofline svg").count()).toBe(1);
      expect(complaints).toEqual([]);
    } finally {
      await own.close();
    }
  });

  it("never broke its content security policy, complained, or asked anybody else for anything", () => {
    expect(opened.length).toBeGreaterThan(15);
    expect(opened.flatMap(({ complaints }) => complaints)).toEqual([]);
    expect(opened.flatMap(({ foreign }) => foreign)).toEqual([]);
  });

  it("has a policy that allows nothing but its own files", async () => {
    const { page } = await open();
    const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', "content");
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(policy).not.toMatch(/unsafe|http|\*/);
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.inlineRan = true";
      document.body.append(script);
      return (globalThis as { inlineRan?: boolean }).inlineRan ?? false;
    });
    expect(ran).toBe(false);
  });
});

/** Where the pictures of this run lie. */
const pictures = process.env["RIDGEPOINT_PICTURES"] ?? mkdtempSync(join(tmpdir(), "ridgepoint-page-"));

/** Scrolls through the page, so that every chart is drawn. */
async function seeAll(page: Page): Promise<void> {
  for (const card of await page.locator("#charts .chart").all()) {
    await card.scrollIntoViewIfNeeded();
    await card.locator("svg").first().waitFor();
  }
  await page.evaluate(() => scrollTo(0, 0));
  await drawnAgain(page);
}

interface AxeFault {
  readonly id: string;
  readonly nodes: readonly string[];
}

async function axeFaults(page: Page): Promise<AxeFault[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await checker.run();
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html.slice(0, 200)) }));
  });
}
