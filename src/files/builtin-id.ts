/** The id that a user's name stands for among the built-in profiles of one kind. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { nearestName } from "../quantity/nearest-name.ts";

export interface BuiltinNames {
  /** What is looked up, as the message's field: "model". */
  readonly field: string;
  /** The command that lists them all: "ridgepoint models". */
  readonly listCommand: string;
  readonly builtins: Readonly<Record<string, unknown>>;
  /** Ids by their other names, in lower case. */
  readonly aliases: Readonly<Record<string, string>>;
}

/**
 * The id, whatever the case, directly or through an alias.
 * @throws InvalidInput with the nearest name for one that is not known
 * @example "llama-2-7" throws "invalid model: llama-2-7 (did you mean llama-2-7b? `ridgepoint models` lists all)"
 */
export function builtinId(name: string, names: BuiltinNames): string {
  const id = knownBuiltinId(name, names);
  if (id !== null) return id;
  const nearest = nearestName(name, [...Object.keys(names.builtins), ...Object.keys(names.aliases)]);
  const hint = nearest === null ? "no such name;" : `did you mean ${nearest}?`;
  throw new InvalidInput(names.field, name, `${hint} \`${names.listCommand}\` lists all`);
}

/** The id, or null for a name that is not known. */
export function knownBuiltinId(name: string, names: BuiltinNames): string | null {
  const lower = name.trim().toLowerCase();
  if (Object.hasOwn(names.builtins, lower)) return lower;
  return Object.hasOwn(names.aliases, lower) ? (names.aliases[lower] as string) : null;
}
