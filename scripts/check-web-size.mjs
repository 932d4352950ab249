/**
 * Holds what the page loads before its charts under its limit, from Vite's own record (web/dist/.vite/manifest.json): the page, its
 * style, and the script with all that it imports statically. Run by `npm run web:build`; exit code 1 where the limit is missed.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Page, style and script before charts, gzipped. */
export const firstLoadLimitBytes = 300_000;

/**
 * The files that an entry loads at once.
 * @param {Record<string, { file: string, css?: string[], imports?: string[], isEntry?: boolean }>} manifest
 * @returns {string[]}
 */
export function firstLoadFiles(manifest, entry = "index.html") {
  const files = new Set();
  const waiting = [entry];
  const seen = new Set();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const chunk = manifest[name];
    if (seen.has(name) || chunk === undefined) continue;
    seen.add(name);
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    waiting.push(...(chunk.imports ?? []));
  }
  return [...files].sort();
}

/**
 * @param {string} folder the built page
 * @returns {{ bytes: number, files: { file: string, gzipBytes: number }[] }} gzipped
 */
export function firstLoad(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, ".vite", "manifest.json"), "utf8"));
  const files = ["index.html", ...firstLoadFiles(manifest)].map((file) => ({
    file,
    gzipBytes: gzipSync(readFileSync(join(folder, file)), { level: 9 }).length,
  }));
  return { bytes: files.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0), files };
}

if (process.argv[1] === import.meta.filename) {
  const folder = join(import.meta.dirname, "..", "web", "dist");
  if (existsSync(join(folder, ".vite", "manifest.json"))) {
    const { bytes, files } = firstLoad(folder);
    const fits = bytes < firstLoadLimitBytes;
    const kilobytes = (count) => `${(count / 1000).toFixed(1)} kB`;
    console.log(`page, first load: ${kilobytes(bytes)} of ${kilobytes(firstLoadLimitBytes)}, gzipped`);
    for (const { file, gzipBytes } of files) console.log(`  ${file.padEnd(40)}${kilobytes(gzipBytes).padStart(10)}`);
    if (!fits) {
      console.error("the page's first load is over its limit");
      process.exitCode = 1;
    }
  } else {
    console.error("web/dist is missing: run `npm run web:build` first");
    process.exitCode = 1;
  }
}
