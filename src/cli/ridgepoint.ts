/** The program: finds the command, loads its file, runs it, and is the only place that ends the process. */
import { Command, CommanderError } from "commander";
import { systemErrorReason } from "../files/system-error-reason.ts";
import { WorkFailed } from "../files/work-failed.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { escapeUnprintable } from "../quantity/printable-text.ts";
import type { CommandEntry, CommandIo, ExitCode } from "./command.ts";
import { commands } from "./registry.ts";
import { version } from "./version.ts";

const exitCodes = `
Exit codes:
  0  done
  1  the work failed (files, an unwritable folder, a gate missed)
  2  bad input (arguments, profiles, tables)
  3  nothing fits
  130  interrupted`;

async function run(argv: readonly string[]): Promise<ExitCode> {
  const abort = new AbortController();
  // Once each: a second one of a kind ends the process as if there were no handler.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => abort.abort());
  const io: CommandIo = {
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns ?? 100,
    interrupted: abort.signal,
  };
  const program = new Command("ridgepoint")
    .description("A memory-bandwidth simulator and roofline model of Transformer decoding.")
    .version(version, "-V, --version")
    .option("--debug", "show where an error came from")
    .addHelpText("after", exitCodes)
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: () => undefined });
  let code: ExitCode = 0;
  const asked = commands.find((entry) => entry.name === argv[0]);
  // Listing all commands costs a third of the program's own start-up, and only help and mistakes need the list.
  const add = async (parent: Command, entry: CommandEntry, words: readonly string[]): Promise<void> => {
    const command = await configured(parent, entry, words);
    command.action(async (...received: unknown[]) => {
      const loaded = await entry.load();
      code = await loaded.run(command.opts(), received.slice(0, -2).flat() as string[], io);
    });
    for (const each of entry.subcommands ?? []) await add(command, each, words.slice(1));
  };
  for (const entry of asked === undefined ? commands : [asked]) await add(program, entry, argv);
  if (asked?.subcommands !== undefined) await refuseUnknownWord(asked.name, asked.subcommands, argv[1]);
  if (argv.length === 0) {
    process.stdout.write(`${program.helpInformation()}${exitCodes}\n`);
    return 2;
  }
  await program.parseAsync([...argv], { from: "user" });
  return abort.signal.aborted ? 130 : code;
}

/** Only the command that was asked for is loaded; the others stand in the list with their summaries. */
async function configured(program: Command, entry: CommandEntry, argv: readonly string[]): Promise<Command> {
  const command = program
    .command(entry.name)
    .summary(entry.summary)
    .description(`${capital(entry.summary)}.`);
  command
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .option("--debug", "show where an error came from");
  const isAsked = argv.find((word) => !word.startsWith("-")) === entry.name;
  // The options of the first word alone would be taken from those of two words.
  const isFirstOfTwo = isAsked && entry.subcommands?.some(({ name }) => name === argv[1]) === true;
  if ((isAsked && !isFirstOfTwo) || (argv[0] === "help" && argv[1] === entry.name)) {
    (await entry.load()).configure(command);
  }
  return command;
}

/** A second word that is no command: commander would only count the words. */
async function refuseUnknownWord(
  first: string,
  subcommands: readonly CommandEntry[],
  word: string | undefined,
): Promise<void> {
  const names = subcommands.map(({ name }) => name);
  if (word === undefined || word.startsWith("-") || names.includes(word)) return;
  const { nearestName } = await import("../quantity/nearest-name.ts");
  const nearest = nearestName(word, names);
  const hint = nearest === null ? "" : `; did you mean ${first} ${nearest}?`;
  throw new InvalidInput("command", `${first} ${word}`, `wants ${first} alone or ${first} ${names.join(", ")}${hint}`);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The exit code of an error, and its one line on stderr. */
function report(error: unknown, debug: boolean): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    process.stderr.write(`${escapeUnprintable(error.message.replace(/^error: /, "ridgepoint: "))}\n`);
    return 2;
  }
  const line = error instanceof Error ? error.message : String(error);
  process.stderr.write(`ridgepoint: ${escapeUnprintable(line)}\n`);
  if (debug && error instanceof Error) {
    for (const each of (error.stack ?? "").split("\n")) process.stderr.write(`${escapeUnprintable(each)}\n`);
  }
  return error instanceof InvalidInput ? 2 : 1;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`ridgepoint: ${new WorkFailed("write the output", systemErrorReason(error)).message}\n`);
  process.exit(1);
});

// A terminal that was closed takes no message; what is being written is tidied up all the same.
process.stderr.on("error", () => undefined);

const argv = process.argv.slice(2);
try {
  process.exitCode = await run(argv);
} catch (error) {
  process.exitCode = report(error, argv.includes("--debug"));
}
