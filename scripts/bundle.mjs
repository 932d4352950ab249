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

/** Output name to source, a set a build; those whose source does not exist are left out. */
const programEntries = {
  "cli/ridgepoint": "src/cli/ridgepoint.ts",
  "cli/sweep-worker": "src/cli/sweep-worker.ts",
  schemas: "src/cli/published-schemas.ts",
  // With the program, whose chunks it shares: among the library's it would cut those that browsers load into smaller ones.
  notebook: "src/notebook.ts",
};
const libraryEntries = {
  index: "src/index.ts",
  planning: "src/planning.ts",
  profiles: "src/profiles.ts",
  drawing: "src/drawing.ts",
  measuring: "src/measuring.ts",
  node: "src/node.ts",
};
/** What runs in a browser unchanged. */
const browserEntries = ["index.js", "planning.js", "profiles.js", "drawing.js", "measuring.js"];

/** What scripts/write-schemas.mjs imports: the schemas and the one copy of zod that made them. */
const schemasEntry = `export { publishedSchemas } from "./src/cli/published-schemas.ts"; export { toJSONSchema } from "zod";`;

const nodeModules = new Set(builtinModules);

/**
 * What stands in for modules of Node that commander asks for at its top. It needs child_process for subcommands that are
 * programs of their own, which there are none of here, and importing process reads every one of its properties, the standard
 * streams among them. Together they are a sixth of the program's start-up.
 */
const leanModules = {
  "node:child_process": "module.exports = {};",
  "node:process": "module.exports = globalThis.process;",
};

/**
 * Builds dist/ but for the declarations.
 * @param {string} root the repository's root
 * @returns {Promise<{ left: string[] }>} the entries left out because their source does not exist yet
 * @throws Error where an entry for browsers reaches a module of Node
 */
export async function bundle(root) {
  const dist = join(root, "dist");
  await Promise.all(["cli", "chunks"].map((name) => rm(join(dist, name), { recursive: true, force: true })));
  await mkdir(dist, { recursive: true });
  // Two builds: the program gathers all that its entry needs in one file, the library is cut where a browser may stop.
  const [program, library] = await Promise.all([
    buildEntries(root, programEntries, "src/cli/ridgepoint.ts"),
    buildEntries(root, libraryEntries, null),
  ]);
  const chunks = new Map([...program.chunks, ...library.chunks]);
  for (const entry of browserEntries) refuseNodeInBrowser(chunks, entry);
  await writeFile(join(dist, "bundle-sizes.json"), `${JSON.stringify(bundleSizes(chunks, root), null, 2)}\n`);
  return { left: [...program.left, ...library.left] };
}

/** One build; what `everyday` needs at its start becomes one chunk, since each file opened costs time. */
async function buildEntries(root, entries, everyday) {
  const present = Object.entries(entries).filter(([, source]) => existsSync(join(root, source)));
  const left = Object.keys(entries).filter((name) => !present.some(([kept]) => kept === name));
  if (present.length === 0) return { left, chunks: new Map() };
  let needed = null;
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(present.map(([name, source]) => [name, name === "schemas" ? "schemas-entry" : source])),
    // The run-time chunk imports node:module for a function that the plugin below makes unused.
    treeshake: { moduleSideEffects: [{ test: /^node:module$/, sideEffects: false }] },
    plugins: [
      // Else a package's require("node:events") puts node:module into the run-time chunk that the browser loads too.
      esmExternalRequirePlugin({
        external: [...nodeModules].flatMap((name) => [name, `node:${name}`]).filter((name) => !(name in leanModules)),
      }),
      {
        name: "lean-modules",
        resolveId: (id, importer = "") => {
          if (!Object.hasOwn(leanModules, id)) return null;
          // Our own start programs; commander would, and has none to.
          const isOurs = id === "node:child_process" && !importer.includes("node_modules");
          return isOurs ? { id, external: true } : `lean:${id}`;
        },
        load: (id) => (id.startsWith("lean:") ? leanModules[id.slice("lean:".length)] : null),
        // What is left of the run-time's import once its function is unused; loading the module would cost time.
        renderChunk: (code) =>
          code.includes('import"node:module";') ? code.replace('import"node:module";', "") : null,
      },
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
    dir: join(root, "dist"),
    format: "es",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    banner: (chunk) => (chunk.name === "cli/ridgepoint" ? "#!/usr/bin/env node" : ""),
    codeSplitting: {
      groups: [
        { name: "builtin-profiles", test: /[\\/]src[\\/]generated[\\/]builtin-(hardware|models)\.ts$/ },
        { name: "builtin-provenance", test: /[\\/]src[\\/]generated[\\/]builtin-provenance\.ts$/ },
        {
          debugName: "everyday",
          name: (id, context) => {
            if (everyday === null) return null;
            needed ??= staticImports(join(root, everyday), (module) => context.getModuleInfo(module));
            return needed.has(id) ? "everyday" : null;
          },
        },
      ],
    },
  });
  await build.close();
  return {
    left,
    chunks: new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk])),
  };
}

/** Ids of all modules that a module imports statically, directly or through others; its own is not among them. */
function staticImports(start, getModuleInfo) {
  const seen = new Set();
  const waiting = [...(getModuleInfo(start)?.importedIds ?? [])];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(getModuleInfo(id)?.importedIds ?? []));
  }
  return seen;
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
  // No chunk of its own where the entry holds it.
  const steps = all.filter(isStep);
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
