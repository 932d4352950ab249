/** A browser with the built page. Where there is none, tests say skipped, or fail where RIDGEPOINT_REQUIRE_BROWSER is 1. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type StaticServer, staticServer } from "./static-server.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const built = join(root, "web", "dist");
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env["CHROMIUM"] ?? places.find((place) => existsSync(place));

/** Why the tests of the page cannot run here; null where they can. */
export const noBrowser: string | null = (() => {
  const reason =
    executablePath === undefined
      ? "no Chromium: apt-get install chromium, or CHROMIUM=path"
      : existsSync(join(built, "index.html"))
        ? null
        : "web/dist is missing: npm run web:build";
  if (reason !== null && process.env["RIDGEPOINT_REQUIRE_BROWSER"] === "1") throw new Error(reason);
  return reason;
})();

/** WebGPU on SwiftShader, a Vulkan driver that runs on the processor. */
const softwareGpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];

export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the console, uncaught ones, and refusals of the content security policy. */
  readonly complaints: string[];
  /** Addresses outside the page's own host that it asked for. */
  readonly foreign: string[];
}

export interface PageBrowser {
  readonly url: string;
  /** Waits until the charts of the address are drawn. */
  open(hash?: string, options?: BrowserContextOptions): Promise<OpenedPage>;
  stopServing(): Promise<void>;
  close(): Promise<void>;
}

export async function pageBrowser(options: { readonly gpu?: boolean } = {}): Promise<PageBrowser> {
  const server: StaticServer = await staticServer(built);
  const browser: Browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ["--no-sandbox", ...(options.gpu === true ? softwareGpu : [])],
  });
  return {
    url: server.url,
    async open(hash = "", contextOptions = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...contextOptions });
      const page = await context.newPage();
      const complaints: string[] = [];
      const foreign: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(server.url)) foreign.push(request.url());
      });
      await page.goto(`${server.url}${hash}`);
      await drawnCharts(page);
      return { page, context, complaints, foreign };
    },
    stopServing: () => server.close(),
    async close() {
      await browser.close();
      await server.close().catch(() => undefined);
    },
  };
}

/** Resolves once the page has drawn after its charts were loaded. */
export async function drawnCharts(page: Page): Promise<void> {
  await page.waitForSelector("#charts .chart", { timeout: 45_000 });
  await drawnAgain(page);
}

/** Resolves once what was asked for a moment ago is drawn, charts out of view among it. */
export async function drawnAgain(page: Page): Promise<void> {
  // An address is unpacked before anything is drawn of it.
  await page.waitForTimeout(80);
  await page.waitForFunction(
    () => {
      const state = globalThis as { lastDrawn?: string; since?: number };
      const { drawn = "", charts = "" } = document.documentElement.dataset;
      if (state.lastDrawn !== drawn) {
        state.lastDrawn = drawn;
        state.since = performance.now();
      }
      return charts === "current" && performance.now() - (state.since ?? 0) > 100;
    },
    null,
    { polling: 50, timeout: 45_000 },
  );
}
