/**
 * Bundles src/ into dist/: a few entries that share chunks, each command a chunk of its own, and writes what every entry
 * loads into dist/bundle-sizes.json. Packages are bundled too, so that starting reads few and small files.
 */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { esmExternalRequirePlugin } from "rolldown/plugins";

/** Output name to source; those whose source does not exist are left out. */
const entries = {
  "cli/ridgepoint": "src/cli/ridgepoint.ts",
  "cli/sweep-worker": "src/cli/sweep-worker.ts",
  index: "src/index.ts",
  node: "src/node.ts",
  schemas: "src/cli/published-schemas.ts",
};

/** What scripts/write-schemas.mjs imports: the schemas and the one copy of zod that made them. */
const schemasEntry = `export { publishedSchemas } from "./src/cli/published-schemas.ts"; export { toJSONSchema } from "zod";`;

const nodeModules = new Set(builtinModules);

/**
 * Builds dist/ but for the declarations.
 * @param {string} root the repository's root
 * @returns {Promise<{ left: string[] }>} the entries left out because their source does not exist yet
 * @throws Error where the browser's entry reaches a module of Node
 */
export async function bundle(root) {
  const dist = join(root, "dist");
  const present = Object.entries(entries).filter(([, source]) => existsSync(join(root, source)));
  const left = Object.keys(entries).filter((name) => !present.some(([kept]) => kept === name));
  await Promise.all(["cli", "chunks"].map((name) => rm(join(dist, name), { recursive: true, force: true })));
  await mkdir(dist, { recursive: true });
  if (present.length === 0) return { left };
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(present.map(([name, source]) => [name, name === "schemas" ? "schemas-entry" : source])),
    // The run-time chunk imports node:module for a function that the plugin below makes unused.
    treeshake: { moduleSideEffects: [{ test: /^node:module$/, sideEffects: false }] },
    plugins: [
      // Else a package's require("node:events") puts node:module into the run-time chunk that the browser loads too.
      esmExternalRequirePlugin({ external: [...nodeModules].flatMap((name) => [name, `node:${name}`]) }),
      {
        name: "schemas-entry",
        resolveId: (id) => (id === "schemas-entry" ? join(root, "schemas-entry.ts") : null),
        load: (id) => (id === join(root, "schemas-entry.ts") ? schemasEntry : null),
      },
    ],
    platform: "node",
    // Where a package offers both, its module form tree-shakes and its CommonJS form does not.
    resolve: { mainFields: ["module", "main"] },
    onLog: (level, log, handle) => {
      // Known and harmless: packages of vega import each other in circles.
      if (log.code !== "CIRCULAR_DEPENDENCY") handle(level, log);
    },
  });
  const { output } = await build.write({
    dir: dist,
    format: "es",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    banner: (chunk) => (chunk.name === "cli/ridgepoint" ? "#!/usr/bin/env node" : ""),
    codeSplitting: {
      groups: [
        { name: "builtin-profiles", test: /[\\/]src[\\/]generated[\\/]builtin-(hardware|models)\.ts$/ },
        { name: "builtin-provenance", test: /[\\/]src[\\/]generated[\\/]builtin-provenance\.ts$/ },
      ],
    },
  });
  await build.close();
  const chunks = new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]));
  refuseNodeInBrowser(chunks, "index.js");
  await writeFile(join(dist, "bundle-sizes.json"), `${JSON.stringify(bundleSizes(chunks, root), null, 2)}\n`);
  return { left };
}

/**
 * What each entry and the everyday command load: the chunks themselves and all they import statically.
 * @returns {{ entries: Record<string, Loads>, step: Loads | null }}
 */
function bundleSizes(chunks, root) {
  const loads = (starts) => {
    const files = [...closure(chunks, starts, ({ imports }) => imports)].sort();
    const listed = files.map((file) => ({
      file,
      bytes: Buffer.byteLength(chunks.get(file).code),
      gzipBytes: gzipSync(chunks.get(file).code, { level: 9 }).length,
      profiles: chunks.get(file).moduleIds.some((id) => /builtin-(hardware|models)\.ts$/.test(id)),
    }));
    const total = (key) => listed.reduce((sum, entry) => sum + entry[key], 0);
    return { bytes: total("bytes"), gzipBytes: total("gzipBytes"), files: listed };
  };
  const entryChunks = [...chunks.values()].filter(({ isEntry }) => isEntry);
  return {
    entries: Object.fromEntries(entryChunks.map(({ fileName }) => [fileName, loads([fileName])])),
    step: chunks.has("cli/ridgepoint.js") ? loads(stepStarts(chunks, root)) : null,
  };
}

/** The program's entry, the chunk of its step command, and the profiles, however they are reached. */
function stepStarts(chunks, root) {
  const all = [...chunks.values()];
  const isStep = ({ facadeModuleId }) =>
    facadeModuleId !== null &&
    relative(join(root, "src", "cli"), dirname(facadeModuleId)).startsWith("..") === false &&
    /^step(-command)?\.ts$/.test(basename(facadeModuleId));
  const profiles = all.filter(({ moduleIds }) => moduleIds.some((id) => /builtin-(hardware|models)\.ts$/.test(id)));
  const steps = all.filter(isStep);
  if (steps.length === 0)
    throw new Error("no chunk holds the step command: src/cli/**/step.ts must be imported lazily");
  return ["cli/ridgepoint.js", ...steps.map(({ fileName }) => fileName), ...profiles.map(({ fileName }) => fileName)];
}

function closure(chunks, starts, next) {
  const seen = new Set();
  const waiting = [...starts];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const chunk = chunks.get(file);
    if (seen.has(file) || chunk === undefined) continue;
    seen.add(file);
    waiting.push(...next(chunk));
  }
  return seen;
}

/** The library runs in a browser unchanged, lazily loaded parts included. */
function refuseNodeInBrowser(chunks, entry) {
  for (const file of closure(chunks, [entry], ({ imports, dynamicImports }) => [...imports, ...dynamicImports])) {
    const { imports, dynamicImports, moduleIds, code } = chunks.get(file);
    // The record still names imports that were dropped as unused, so the code has the last word.
    const found = [...imports, ...dynamicImports].find(
      (name) => (name.startsWith("node:") || nodeModules.has(name)) && new RegExp(`["'\`]${name}["'\`]`).test(code),
    );
    if (found !== undefined) {
      throw new Error(
        `dist/${entry} must run in a browser but reaches ${found} through ${file} (${moduleIds.join(", ")})`,
      );
    }
  }
}
