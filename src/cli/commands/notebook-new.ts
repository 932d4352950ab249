/** `ridgepoint notebook new NAME`: a template to change: question, setup, one chart, answer. */
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Command } from "commander";
import { builtinHardwareNamed } from "../../files/load-hardware.ts";
import { loadModel } from "../../files/load-model.ts";
import { writeFileAtomically } from "../../files/write-file-atomically.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { isPrintable } from "../../quantity/printable-text.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { notebookLibrary } from "../notebook-library.ts";
import { notebookTemplate } from "../notebook-template.ts";
import type { RawOptions } from "../step-settings.ts";

const ending = ".ipynb";

export const notebookNew: CliCommand = { configure, run };

function configure(command: Command): void {
  command
    .argument("<name>", "of the notebook, with or without a folder and .ipynb")
    .option("-m, --model <id>", "model profile, see `ridgepoint models`", "llama-3.1-8b")
    .option("-H, --hardware <id>", "hardware profile, see `ridgepoint hardware`", "h100-sxm")
    .addHelpText(
      "after",
      `
Writes NAME.ipynb for Deno's Jupyter kernel; a file of that name is never written over. Opening it: docs/notebooks.md.

Examples:
  ridgepoint notebook new my-question
  ridgepoint notebook new studies/context --model qwen3-8b --hardware mi300x`,
    );
}

async function run(options: RawOptions, [name = ""]: readonly string[], io: CommandIo): Promise<ExitCode> {
  const title = basename(name, ending);
  if (title.trim() === "" || title === "." || title === ".." || /[/\\]$/.test(name) || !isPrintable(name)) {
    throw new InvalidInput("name", name, "wants the name of a new notebook, such as my-question");
  }
  const path = name.endsWith(ending) ? name : `${name}${ending}`;
  if (await isThere(path)) throw new InvalidInput("name", path, "is there already; wants another name");
  const model = String(options["model"]);
  const hardware = String(options["hardware"]);
  loadModel(model);
  builtinHardwareNamed(hardware);
  const text = notebookTemplate({
    ...{ title: title.replaceAll(/[-_]+/g, " "), library: notebookLibrary(await realFolder(dirname(resolve(path)))) },
    ...{ model, hardware },
  });
  await writeFileAtomically(path, text);
  io.write(`wrote ${path}\n`);
  return 0;
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** The folder without links, as the program's own path has none; of one that is not made yet the nearest that is. */
async function realFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => null);
  if (real !== null) return real;
  const parent = dirname(folder);
  return parent === folder ? folder : resolve(await realFolder(parent), basename(folder));
}
