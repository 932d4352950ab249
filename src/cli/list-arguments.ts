/** What `ridgepoint models` and `ridgepoint hardware` are asked for: their list, one profile, or a check of a file. */
import type { Command } from "commander";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { nearestName } from "../quantity/nearest-name.ts";

export type ProfileRequest =
  | { readonly kind: "list"; readonly filter: string }
  | { readonly kind: "show"; readonly name: string }
  | { readonly kind: "check"; readonly path: string };

/** Adds the arguments and options that both commands share. */
export function addProfileArguments(command: Command): Command {
  return command
    .argument("[words...]", "nothing for all, a part of a name, or: show ID-or-file")
    .option("--check <file>", "check a profile's file")
    .option("--json", "print JSON (schema in schemas/)")
    .option("--csv", "print CSV");
}

/** @throws InvalidInput where the words fit none of the three */
export function profileRequest(options: Readonly<Record<string, unknown>>, args: readonly string[]): ProfileRequest {
  const [first, second, ...rest] = args;
  const path = options["check"];
  if (typeof path === "string") {
    if (first !== undefined) throw new InvalidInput("argument", first, "--check takes a file and nothing else");
    return { kind: "check", path };
  }
  if (rest.length > 0 || (first !== "show" && second !== undefined)) {
    throw new InvalidInput("argument", rest[0] ?? second, "wants one part of a name, or: show ID-or-file");
  }
  if (first !== "show") return { kind: "list", filter: first ?? "" };
  if (second === undefined) throw new InvalidInput("argument", "show", "wants an id or a file after it");
  return { kind: "show", name: second };
}

/** A profile's names: its id, its full name, its aliases and other words to be found by. */
export interface NamedProfile {
  readonly id: string;
  readonly words: readonly string[];
}

/**
 * The profiles that have `filter` in one of their names, whatever the case; all where it is empty.
 * @throws InvalidInput with the nearest name where none has it
 */
export function filteredProfiles<Profile extends NamedProfile>(
  profiles: readonly Profile[],
  filter: string,
  noun: string,
): readonly Profile[] {
  const wanted = filter.toLowerCase();
  const found = profiles.filter(({ id, words }) => [id, ...words].some((word) => word.toLowerCase().includes(wanted)));
  if (found.length > 0) return found;
  const nearest = nearestName(
    filter,
    profiles.map(({ id }) => id),
  );
  throw new InvalidInput(
    "filter",
    filter,
    `no ${noun} has it in its name${nearest === null ? "" : `; did you mean ${nearest}?`}`,
  );
}

/** Whether a name is a path: it has a slash or ends with .json. */
export function isPath(name: string): boolean {
  return /[\\/]|\.json$/i.test(name);
}

/** The text cut to a width, with a sign where something is missing. */
export function cutTo(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1)).trimEnd()}…`;
}
