/** `ridgepoint notebook`: how notebooks are opened here, and where the library's own are. */
import type { Command } from "commander";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { notebookLibrary } from "../notebook-library.ts";

export const notebook: CliCommand = { configure, run };

function configure(command: Command): void {
  command.addHelpText(
    "after",
    `
Without a second word: what notebooks need, and what they import. More: docs/notebooks.md.

Examples:
  ridgepoint notebook
  ridgepoint notebook new my-question`,
  );
}

async function run(
  _options: Readonly<Record<string, unknown>>,
  _args: readonly string[],
  io: CommandIo,
): Promise<ExitCode> {
  io.write(`Notebooks are TypeScript for Deno's Jupyter kernel.

  npm install --global deno && deno jupyter --install   the kernel, once
  pip install jupyterlab                                or open them in VS Code
  ridgepoint notebook new my-question                   a template to change

They import the library from
  ${notebookLibrary(process.cwd())}
`);
  return 0;
}
