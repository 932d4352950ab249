/**
 * How fast the page follows a slider: from an input event to the frame in which the numbers and the charts in view have changed, the
 * median of many, for one setting and for four. Wants web/dist (npm run web:build) and Chromium ($CHROMIUM or /usr/bin/chromium).
 * The README's target for one setting: under 50 ms.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const folder = join(import.meta.dirname, "..", "web", "dist");
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const inputs = 60;

const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const file = join(folder, path === "/" ? "index.html" : path);
  const content = await readFile(file).catch(() => null);
  response.writeHead(content === null ? 404 : 200, { "Content-Type": types[extname(file)] ?? "application/json" });
  response.end(content);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

const setting = "m=llama-3.1-8b&h=h100-sxm&b=16&c=8192";
const cases = [
  ["one setting", `#${setting}`],
  ["one setting, roofline", `#${setting}&t=roofline`],
  ["four settings", `#${[setting, `${setting}&a=mqa`, `${setting}&a=mha`, `${setting}&w=fp8`].join("/")}`],
];
for (const [name, hash] of cases) {
  for (const slider of ["batch-slider", "context-slider"]) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${url}${hash}`);
    await page.waitForSelector("#charts .chart svg");
    // The charts that change with every input stand in view.
    await page.locator("#card-roofline").scrollIntoViewIfNeeded();
    await page.locator("#charts").evaluate((element) => element.scrollIntoView());
    await page.waitForTimeout(2500);
    const { milliseconds, charts } = await page.evaluate(follow, { slider, inputs });
    milliseconds.sort((a, b) => a - b);
    const at = (share) => milliseconds[Math.floor(share * (milliseconds.length - 1))].toFixed(1).padStart(6);
    console.log(
      `page, ${name}, ${slider}: median ${at(0.5)} ms, 90 % under ${at(0.9)} ms (${inputs} inputs, ${charts} charts in view)`,
    );
    await page.close();
  }
}
await browser.close();
server.close();

/** In the page: milliseconds from each input event to the frame after all was drawn. */
async function follow({ slider, inputs }) {
  const range = document.getElementById(slider);
  const root = document.documentElement;
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const inView = [...document.querySelectorAll("#charts .chart")].filter((card) => {
    const box = card.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  });
  const milliseconds = [];
  const middle = Number(range.value);
  for (let i = 0; i < inputs; i++) {
    range.value = String(middle + ((i * 7) % 13) - 6 + (i % 2));
    // Inputs come at any time within a frame.
    await new Promise((resolve) => setTimeout(resolve, 20 + ((i * 5) % 17)));
    const before = root.dataset.drawn;
    const from = performance.now();
    range.dispatchEvent(new Event("input", { bubbles: true }));
    while (root.dataset.drawn === before) await frame();
    // What was drawn in one frame is on the screen when the next begins.
    await frame();
    milliseconds.push(performance.now() - from);
  }
  return { milliseconds, charts: inView.length };
}
