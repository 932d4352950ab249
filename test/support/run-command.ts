/** Runs a command in this process as the program would, and collects what it prints. */
import { Command } from "commander";
import type { CliCommand, CommandIo, ExitCode } from "../../src/cli/command.ts";

export interface CommandRun {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param words as typed after the command's name */
export async function runCommand(command: CliCommand, words: readonly string[], columns = 100): Promise<CommandRun> {
  let stdout = "";
  let stderr = "";
  const io: CommandIo = {
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    isTerminal: false,
    columns,
    interrupted: new AbortController().signal,
  };
  const parser = new Command("test").exitOverride().configureOutput({ writeErr: () => undefined });
  command.configure(parser);
  let code: ExitCode = 0;
  parser.action(async (...received: unknown[]) => {
    code = await command.run(parser.opts(), received.slice(0, -2).flat() as string[], io);
  });
  await parser.parseAsync([...words], { from: "user" });
  return { code, stdout, stderr };
}

/** Every number of a parsed JSON value, with its path, for checks that hold everywhere. */
export function numbersOf(value: unknown, path = ""): [string, unknown][] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${path}/${key}`));
  }
  return typeof value === "number" || value === null ? [[path, value]] : [];
}
