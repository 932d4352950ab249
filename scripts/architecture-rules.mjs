/**
 * The rules every source file keeps, checked on text alone: layers, cycles, purity, exits, length and names.
 * `npm test` runs them through test/architecture-rules.test.ts.
 */
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix, relative, sep } from "node:path";
import { parseSync, Visitor } from "rolldown/utils";

/** A folder imports only from itself and from folders before it (measurement/ is handed its writer, so it needs no files/). */
export const layers = [
  "quantity",
  "architecture",
  "hardware",
  "operations",
  "step",
  "timing",
  "generated",
  "analysis",
  "serving",
  "planning",
  "kernels",
  "measurement",
  "validation",
  "charts",
  "reporting",
  "files",
  "cli",
];

/** AssemblyScript, which is no TypeScript; scripts/build-wasm.mjs compiles it. */
const assemblyFolder = "kernels/wasm/assembly/";
/** Files directly in src/: the library's faces, above all folders. */
const faces = new Set([
  "index.ts",
  "planning.ts",
  "profiles.ts",
  "drawing.ts",
  "measuring.ts",
  "node.ts",
  "notebook.ts",
]);
/** Folders of test/ that stand for no folder of src/. */
const testFoldersOfTheirOwn = new Set(["scripts", "golden", "fixtures", "support", "web"]);
const emptyNames = new Set(["util", "utils", "helper", "helpers", "common", "misc", "types", "manager", "managers"]);
const maximumLines = 300;
const nodeModules = new Set(builtinModules);
const nodeGlobals = new Set(["process", "Buffer", "__dirname", "__filename", "require", "setImmediate"]);

/** @typedef {{ target: string, line: number, typeOnly: boolean }} Import */
/** @typedef {{ imports: Import[], uses: { what: string, line: number }[] }} Parsed */

/**
 * Every broken rule, one line each: "src/step/decode-step.ts:3 imports ../charts/..., a later layer (step before charts)".
 * @param {ReadonlyMap<string, string>} sources text by path inside src/, with forward slashes
 * @param {readonly string[]} tests paths inside test/
 * @returns {string[]}
 */
export function architectureViolations(sources, tests = []) {
  const violations = [];
  const graph = new Map();
  for (const [path, text] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    violations.push(...nameViolations(path), ...lengthViolations(path, text));
    const parsed = parse(path, text);
    violations.push(...layerViolations(path, parsed.imports), ...purityViolations(path, parsed));
    graph.set(
      path,
      parsed.imports.flatMap(({ target }) => resolved(path, target) ?? []),
    );
  }
  violations.push(...cycleViolations(graph), ...mirrorViolations([...sources.keys()], tests));
  return violations;
}

/**
 * The checkout's own sources and tests, ready for architectureViolations.
 * @param {string} root the repository's root
 */
export function readCheckout(root) {
  const sources = new Map(
    filesUnder(join(root, "src"))
      .filter((path) => path.endsWith(".ts") && !path.startsWith(assemblyFolder))
      .map((path) => [path, readFileSync(join(root, "src", path), "utf8")]),
  );
  return { sources, tests: filesUnder(join(root, "test")) };
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** The folder a path lies in: its first part; null for a file directly in src/. */
function folderOf(path) {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : null;
}

/** The path inside src/ that a relative import names; null for packages. */
function resolved(from, target) {
  return target.startsWith(".") ? posix.join(posix.dirname(from), target) : null;
}

/** Whether a file may touch Node: the edge folders, node.ts, and files whose name says so. */
function mayUseNode(path) {
  const folder = folderOf(path);
  return folder === "files" || folder === "cli" || path === "node.ts" || path.endsWith("-node.ts");
}

function nameViolations(path) {
  const folder = folderOf(path);
  const found = [];
  if (folder === null && !faces.has(path)) found.push(`src/${path} lies in no folder (only the library's faces may)`);
  if (folder !== null && !layers.includes(folder)) found.push(`src/${path} lies in ${folder}/, which is no layer`);
  for (const part of path.split("/")) {
    const name = part.replace(/(\.d)?\.ts$/, "");
    if (name.split("-").some((word) => emptyNames.has(word))) {
      found.push(`src/${path} has a name that says nothing: ${name}`);
    }
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) found.push(`src/${path} is not in kebab-case: ${part}`);
  }
  return found;
}

function lengthViolations(path, text) {
  if (folderOf(path) === "generated") return [];
  const lines = text.replace(/\n$/, "").split("\n").length;
  return lines > maximumLines ? [`src/${path} has ${lines} lines (at most ${maximumLines})`] : [];
}

function layerViolations(path, imports) {
  const folder = folderOf(path);
  const found = [];
  for (const { target, line } of imports) {
    const to = resolved(path, target);
    if (to === null) continue;
    const at = `src/${path}:${line} imports ${target}`;
    const isVersion = folder === "cli" && to === "../package.json";
    if (to.startsWith("..") && !isVersion) found.push(`${at}, which is outside src/`);
    if (to.startsWith("..") || folder === null) continue;
    const toFolder = folderOf(to);
    if (toFolder === null) {
      found.push(`${at}, the library's face`);
    } else if (layers.indexOf(toFolder) > layers.indexOf(folder)) {
      found.push(`${at}, a later layer (${folder} comes before ${toFolder})`);
    }
  }
  return found;
}

function purityViolations(path, { imports, uses }) {
  const found = [];
  for (const { target, line, typeOnly } of imports) {
    const isNode = target.startsWith("node:") || nodeModules.has(target);
    if (isNode && !typeOnly && !mayUseNode(path)) {
      found.push(`src/${path}:${line} imports ${target} (only files/, cli/, node.ts and *-node.ts may)`);
    }
  }
  for (const { what, line } of uses) {
    const at = `src/${path}:${line} uses ${what}`;
    if (what === "process.exit" || what === "process.exitCode") {
      if (path !== "cli/ridgepoint.ts") found.push(`${at} (only cli/ridgepoint.ts may)`);
    } else if (!mayUseNode(path)) {
      found.push(`${at} (the core has no Node, clock or randomness)`);
    }
  }
  return found;
}

/** Each cycle once, as the path around it. */
function cycleViolations(graph) {
  const found = new Map();
  const done = new Set();
  const onPath = [];
  const visit = (path) => {
    const start = onPath.indexOf(path);
    if (start >= 0) {
      const cycle = onPath.slice(start);
      const key = [...cycle].sort().join(" ");
      if (!found.has(key)) found.set(key, `src/${[...cycle, path].join(" -> src/")} is an import cycle`);
      return;
    }
    if (done.has(path) || !graph.has(path)) return;
    onPath.push(path);
    for (const next of graph.get(path)) visit(next);
    onPath.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return [...found.values()];
}

function mirrorViolations(sources, tests) {
  if (tests.length === 0) return [];
  const folders = new Set(sources.map(folderOf).filter((folder) => folder !== null && folder !== "generated"));
  const tested = new Set(tests.filter((path) => path.endsWith(".test.ts")).map(folderOf));
  const found = [];
  for (const folder of new Set(tests.map(folderOf))) {
    if (folder !== null && !folders.has(folder) && !testFoldersOfTheirOwn.has(folder)) {
      found.push(`test/${folder}/ mirrors no folder of src/`);
    }
  }
  for (const folder of folders) if (!tested.has(folder)) found.push(`src/${folder}/ has no test in test/${folder}/`);
  return found;
}

/**
 * What a file imports (types too) and which Node globals, clocks and sources of randomness it names.
 * @returns {Parsed}
 */
function parse(path, text) {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`src/${path} does not parse: ${errors[0].message}`);
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  const lineAt = (offset) => lineStarts.findLastIndex((start) => start <= offset) + 1;
  const imports = [];
  const uses = [];
  const names = new Set();
  const add = (node, source, typeOnly) => {
    if (typeof source?.value === "string") imports.push({ target: source.value, line: lineAt(node.start), typeOnly });
  };
  const use = (node, what) => uses.push({ what, line: lineAt(node.start) });
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source, node.importKind === "type"),
    ExportNamedDeclaration: (node) => add(node, node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) => add(node, node.source, node.exportKind === "type"),
    ImportExpression: (node) => add(node, node.source, false),
    TSImportType: (node) => add(node, node.source ?? node.argument?.literal ?? node.argument, true),
    MemberExpression: (node) => {
      if (!node.computed) names.add(node.property);
      const object = node.object.type === "MemberExpression" ? node.object.property : node.object;
      const member = node.computed ? node.property.value : node.property.name;
      const name = `${object.name}.${member}`;
      if (/^(process\.exit(Code)?|Date\.now|performance\.now|Math\.random|crypto\.\w+)$/.test(name)) use(node, name);
      else if (object.name === "globalThis" && nodeGlobals.has(member)) use(node, member);
    },
    Property: (node) => {
      if (!node.computed && !node.shorthand) names.add(node.key);
    },
    PropertyDefinition: (node) => {
      if (!node.computed) names.add(node.key);
    },
    MethodDefinition: (node) => {
      if (!node.computed) names.add(node.key);
    },
    TSPropertySignature: (node) => names.add(node.key),
    TSMethodSignature: (node) => names.add(node.key),
    NewExpression: (node) => {
      if (node.callee.name === "Date" && node.arguments.length === 0) use(node, "new Date()");
    },
    CallExpression: (node) => {
      if (node.callee.name === "Date") use(node, "Date()");
    },
    Identifier: (node) => {
      if (nodeGlobals.has(node.name) && !names.has(node)) use(node, node.name);
    },
  }).visit(program);
  return { imports, uses };
}
