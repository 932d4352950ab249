/**
 * Executes notebooks/*.ipynb with Debian's jupyter-nbconvert and Deno's Jupyter kernel, and holds their outputs to the committed ones.
 * `npm run notebooks [-- NAME...]`: exit code 1 where a cell's types are wrong, a cell fails, or an output differs.
 * `npm run notebooks -- --update [NAME...]`: writes the outputs into the notebooks instead.
 * Cells tagged "measured" are executed, and what they print is not compared: it is this machine's.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { comparableOutputs, differences, tidyNotebook } from "./notebook-outputs.mjs";
import { notebookModule } from "./notebook-source.mjs";

const root = join(import.meta.dirname, "..");
const folder = join(root, "notebooks");
const cellSeconds = 600;
const templateName = "template.ipynb";

/** Where Deno is: beside the notebooks, as `npm ci --prefix notebooks` puts it, else on the path. */
function findDeno() {
  for (const at of [folder, root]) {
    const packages = join(at, "node_modules", "@deno");
    for (const name of [`linux-${process.arch}-glibc`, `${process.platform}-${process.arch}`]) {
      for (const file of ["deno", "deno.exe"]) {
        const path = join(packages, name, file);
        if (existsSync(path)) return path;
      }
    }
  }
  return findOnPath("deno");
}

function findOnPath(program) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((each) => join(each, program)).find((path) => existsSync(path)) ?? null;
}

/** The programs, or what to type to have them. */
function tools() {
  const found = { deno: findDeno(), nbconvert: findOnPath("jupyter-nbconvert") };
  const missing = [
    ...(found.nbconvert === null
      ? ["jupyter-nbconvert is missing: apt-get install jupyter-nbconvert (elsewhere: pip install nbconvert)"]
      : []),
    ...(found.deno === null ? ["deno is missing: npm ci --prefix notebooks"] : []),
  ];
  return { ...found, missing };
}

/** The kernel, and all that Jupyter and Deno would keep in the user's home, in a folder of its own. */
async function environment(work, deno) {
  const kernel = join(work, "kernels", "deno");
  await mkdir(kernel, { recursive: true });
  const spec = {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await writeFile(join(kernel, "kernel.json"), JSON.stringify(spec));
  return {
    ...process.env,
    JUPYTER_PATH: work,
    JUPYTER_CONFIG_DIR: join(work, "config"),
    JUPYTER_DATA_DIR: join(work, "data"),
    JUPYTER_RUNTIME_DIR: join(work, "runtime"),
    IPYTHONDIR: join(work, "ipython"),
    DENO_DIR: join(work, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}

/** The executed notebook, or why it failed: from Python's traceback, the part that is about the cell. */
async function execute(nbconvert, env, work, path) {
  const name = basename(path);
  const words = ["--to", "notebook", "--execute", "--output-dir", work, "--log-level", "ERROR"];
  // On a busy machine outputs come late; nbclient would leave them out after 4 seconds and say nothing.
  const limits = [`timeout=${cellSeconds}`, "iopub_timeout=60", "raise_on_iopub_timeout=True"];
  const { status, stderr } = spawnSync(
    nbconvert,
    [...words, ...limits.map((each) => `--ExecutePreprocessor.${each}`), path],
    { cwd: work, env, encoding: "utf8" },
  );
  if (status === 0) return { notebook: JSON.parse(await readFile(join(work, name), "utf8")) };
  const about = stderr.indexOf("CellExecutionError");
  return { failed: (about < 0 ? stderr : stderr.slice(stderr.indexOf("\n", about) + 1)).trim() };
}

/** What `ridgepoint notebook new` writes outside of any project, as [name, notebook]. */
async function writeTemplate(work) {
  const program = join(root, "dist", "cli", "ridgepoint.js");
  const { status, stderr } = spawnSync(process.execPath, [program, "notebook", "new", join(work, templateName)]);
  if (status !== 0) throw new Error(`ridgepoint notebook new: ${stderr}`);
  return [templateName, JSON.parse(await readFile(join(work, templateName), "utf8"))];
}

/** All code cells of each notebook as one module, checked against the library's declarations. */
async function typeErrors(work, notebooks) {
  const declarations = join(root, "dist", "types", "notebook.js");
  const files = [];
  for (const [name, notebook] of notebooks) {
    const file = join(work, `${name.replace(/\.ipynb$/, "")}.mts`);
    await writeFile(file, notebookModule(notebook, declarations));
    files.push(file);
  }
  const project = join(work, "tsconfig.json");
  const compilerOptions = {
    ...{ noEmit: true, strict: true, target: "es2023", module: "nodenext", skipLibCheck: true },
    ...{ lib: ["es2023", "webworker"], types: ["node"], typeRoots: [join(root, "node_modules", "@types")] },
  };
  await writeFile(project, JSON.stringify({ compilerOptions, files }));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", project], { cwd: work, encoding: "utf8" });
  return status === 0 ? null : stdout.trim();
}

async function main(words) {
  const update = words.includes("--update");
  const asked = words.filter((word) => !word.startsWith("--"));
  const all = (await readdir(folder)).filter((name) => name.endsWith(".ipynb")).sort();
  const names = all.filter((name) => asked.length === 0 || asked.some((word) => name.includes(word)));
  const { deno, nbconvert, missing } = tools();
  if (!existsSync(join(root, "dist", "notebook.js"))) missing.push("dist/notebook.js is missing: npm run build");
  if (names.length === 0) missing.push(`no notebook is named ${asked.join(" or ")}; there are ${all.join(", ")}`);
  for (const line of missing) console.error(line);
  if (missing.length > 0) return 1;
  const work = await mkdtemp(join(tmpdir(), "ridgepoint-notebooks-"));
  try {
    const read = async (name) => [name, JSON.parse(await readFile(join(folder, name), "utf8"))];
    const notebooks = await Promise.all(names.map(read));
    const template = asked.length === 0 ? await writeTemplate(work) : null;
    const wrong = await typeErrors(work, template === null ? notebooks : [...notebooks, template]);
    if (wrong !== null) console.error(wrong);
    const env = await environment(work, deno);
    await mkdir(join(work, "executed"));
    let failed = wrong === null ? 0 : 1;
    if (template !== null) {
      const { failed: why } = await execute(nbconvert, env, join(work, "executed"), join(work, templateName));
      console.log(`the template of notebook new: ${why === undefined ? "ok" : `FAILED\n${why}`}`);
      if (why !== undefined) failed++;
    }
    for (const [name, committed] of notebooks) {
      const from = performance.now();
      const { notebook, failed: why } = await execute(nbconvert, env, join(work, "executed"), join(folder, name));
      const found = notebook === undefined ? [why] : update ? [] : differences(committed, notebook);
      if (update && notebook !== undefined) {
        await writeFile(join(folder, name), tidyNotebook(notebook));
      }
      if (found.length > 0) failed++;
      const cells = notebook === undefined ? "failed" : `${comparableOutputs(notebook).length} code cells`;
      console.log(`${name}: ${found.length > 0 ? "FAILED" : update ? "written" : "ok"}, ${cells}, ${seconds(from)}`);
      for (const line of found) console.log(`  ${line.replaceAll("\n", "\n  ")}`);
    }
    if (failed > 0 && !update)
      console.log("where a new output is right: npm run notebooks -- --update, then read the diff");
    return failed > 0 ? 1 : 0;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function seconds(from) {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}

process.exitCode = await main(process.argv.slice(2));
