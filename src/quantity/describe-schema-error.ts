/**
 * Turns what zod says about a value into one InvalidInput line: the field's path, what it got, what it wants.
 * Only zod's types are imported here, so this file alone does not load zod.
 *
 * Schemas may give a check its own words: a message that begins with "wants" or "must" is used as it stands.
 */
import type { ZodType } from "zod";
import { InvalidInput, quoted } from "./invalid-input.ts";
import { nearestName } from "./nearest-name.ts";

/** No profile nests deeper than this; without a limit the walk below could be made quadratic. */
const maxDepth = 64;

/** What is read of a zod issue; the codes have different members, all optional here. */
interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: string;
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
  readonly divisor?: number;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly options?: readonly unknown[];
  readonly errors?: readonly (readonly SchemaIssue[])[];
}

/** What is read of a zod schema's definition to list the keys it knows. */
interface SchemaNode {
  readonly def?: {
    readonly type?: string;
    readonly shape?: Readonly<Record<string, SchemaNode>>;
    readonly innerType?: SchemaNode;
    readonly in?: SchemaNode;
    readonly element?: SchemaNode;
    readonly valueType?: SchemaNode;
    readonly options?: readonly SchemaNode[];
  };
}

/**
 * The value as the schema reads it.
 * @param what the kind of thing that is read, with its article left out: "hardware profile"
 * @throws InvalidInput for the first thing wrong (an unknown key before all else, since it is often a missing one
 *   mistyped), and for a key named __proto__ at any depth
 */
export function parseWithSchema<T>(schema: ZodType<T>, value: unknown, what: string): T {
  refusePrototypeKeys(value, what);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw describeSchemaError(schema, result.error.issues as readonly SchemaIssue[], value, what);
}

/** The one line for a list of issues; see parseWithSchema. */
function describeSchemaError(
  schema: ZodType,
  issues: readonly SchemaIssue[],
  value: unknown,
  what: string,
): InvalidInput {
  const flat = issues.map(deepestIssue);
  // A value that is refused has an issue at least.
  const issue = flat.find((each) => each.code === "unrecognized_keys") ?? flat[0]!;
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys![0]!;
    const known = knownKeys(schema as SchemaNode, issue.path);
    const nearest = nearestName(key, known);
    const hint = nearest === null ? knownText(known) : `did you mean ${nearest}?`;
    const path = [...issue.path, key];
    return new InvalidInput(printedPath(path, what), valueAt(value, path), `${what} has no such key; ${hint}`);
  }
  const got = valueAt(value, issue.path);
  const field = printedPath(issue.path, what);
  // A text where a number is wanted stands in quotes: "32" is not 32.
  const shown = got !== undefined && issue.code === "invalid_type" ? [quoted(got)] : [];
  return new InvalidInput(field, got === undefined ? "missing" : got, `${what} ${wants(issue, got)}`, ...shown);
}

/** A few keys are listed; more would hide what is wrong. */
function knownText(known: readonly string[]): string {
  const most = 12;
  const rest = known.length - most;
  return `knows ${known.slice(0, most).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Of a union's branches the issue that lies deepest; a line of all the types wanted where none lies below the union. */
function deepestIssue(issue: SchemaIssue): SchemaIssue {
  if (issue.code !== "invalid_union" || issue.errors === undefined || issue.errors.length === 0) return issue;
  const inner = issue.errors.flatMap((branch) => branch.map(deepestIssue));
  const ranked = inner.map((each) => ({ each, depth: each.path.length + (each.code === "invalid_type" ? 0 : 0.5) }));
  const deepest = ranked.reduce((a, b) => (b.depth > a.depth ? b : a), { each: issue, depth: 0 });
  if (deepest.depth > 0) return { ...deepest.each, path: [...issue.path, ...deepest.each.path] };
  const types = [...new Set(inner.map((each) => printedType(each.expected!)))];
  return { code: "custom", path: issue.path, message: `wants ${types.join(" or ")}` };
}

function wants(issue: SchemaIssue, got: unknown): string {
  if (/^(wants|must) /.test(issue.message)) return issue.message;
  const most = issue.inclusive === false ? "less than" : "at most";
  const least = issue.inclusive === false ? "more than" : "at least";
  const unit = sizeUnit(issue.origin);
  const choices = issue.values ?? issue.options;
  if (issue.code === "invalid_type") return `wants ${printedType(issue.expected!)}`;
  if (issue.code === "too_small") return `wants ${least} ${issue.minimum}${unit}`;
  if (issue.code === "too_big") return `wants ${most} ${issue.maximum}${unit}`;
  if (issue.code === "not_multiple_of") return `wants a multiple of ${issue.divisor}`;
  if (choices !== undefined) {
    const nearest = typeof got === "string" ? nearestName(got, choices.map(String)) : null;
    return `wants ${choices.map(String).join(", ")}${nearest === null ? "" : `; did you mean ${nearest}?`}`;
  }
  return `wants another value: ${issue.message.replace(/\s+/g, " ")}`;
}

function sizeUnit(origin: string | undefined): string {
  if (origin === "string") return " characters";
  return origin === "array" || origin === "set" ? " entries" : "";
}

function printedType(expected: string): string {
  if (expected === "null") return "null";
  if (expected === "string") return "text";
  if (expected === "boolean") return "true or false";
  return /^[aeio]/.test(expected) ? `an ${expected === "int" ? "integer" : expected}` : `a ${expected}`;
}

/** The keys that the schema's objects at a path know, in the schema's order. */
function knownKeys(schema: SchemaNode, path: readonly PropertyKey[]): string[] {
  let nodes = unwrapped(schema);
  for (const step of path) {
    nodes = nodes.flatMap(({ def }) => {
      const shape = def?.shape;
      const inner =
        shape === undefined
          ? (def?.element ?? def?.valueType)
          : Object.hasOwn(shape, step)
            ? shape[String(step)]
            : undefined;
      return inner === undefined ? [] : unwrapped(inner);
    });
  }
  return [...new Set(nodes.flatMap(({ def }) => Object.keys(def?.shape ?? {})))];
}

/** A schema without what stands around it (optional, nullable, default, transform), a union as its branches. */
function unwrapped(schema: SchemaNode): SchemaNode[] {
  const def = schema.def;
  if (def?.options !== undefined) return def.options.flatMap(unwrapped);
  const inner = def?.innerType ?? (def?.type === "pipe" ? def.in : undefined);
  return inner === undefined ? [schema] : unwrapped(inner);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

/** memory.bandwidth.value, caches[0].name; the thing itself where the path is empty. */
function printedPath(path: readonly PropertyKey[], what: string): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return text === "" ? what : text.replace(/^\./, "").replace(/\s+/g, " ").slice(0, 120);
}

/** JSON.parse makes __proto__ an own key, which a later copy by assignment would turn into a prototype. */
function refusePrototypeKeys(value: unknown, what: string): void {
  const waiting: { readonly at: unknown; readonly path: readonly PropertyKey[] }[] = [{ at: value, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { at, path } = next;
    if (typeof at !== "object" || at === null) continue;
    if (path.length > maxDepth) throw new InvalidInput(what, "nested data", `wants at most ${maxDepth} levels`);
    for (const [key, inner] of Object.entries(at)) {
      const innerPath = [...path, Array.isArray(at) ? Number(key) : key];
      if (key === "__proto__") {
        throw new InvalidInput(printedPath(innerPath, what), inner, `${what} must not have a key named __proto__`);
      }
      if (typeof inner === "object" && inner !== null) waiting.push({ at: inner, path: innerPath });
    }
  }
}
