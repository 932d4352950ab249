/** What every command of the program is: a name, a summary, its options, and work that returns an exit code. */
import type { Command } from "commander";

/** 0 done · 1 the work failed · 2 bad input · 3 nothing fits · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

export interface CliCommand {
  /** Adds arguments, options and the examples of --help. */
  configure(command: Command): void;
  /** Does the work; throws InvalidInput or WorkFailed. */
  run(options: Readonly<Record<string, unknown>>, args: readonly string[], io: CommandIo): Promise<ExitCode>;
}

/** Where a command prints to; tests hand in their own. */
export interface CommandIo {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP. */
  readonly interrupted: AbortSignal;
}

/** A command before its file is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CliCommand>;
  /** Commands of two words: this one's name and theirs. */
  readonly subcommands?: readonly CommandEntry[];
}
