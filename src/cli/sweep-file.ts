/** A sweep file: the grid of `ridgepoint sweep` as YAML or JSON, with the keys of --json and the meaning of the options. */
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { readYamlOrJson } from "../files/read-yaml.ts";
import { parseWithSchema } from "../quantity/describe-schema-error.ts";

/** One value, or a list of them. */
export type OneOrMore<T> = T | readonly T[];

/** Numbers and ranges such as "1..1024*2", alone or in a list; words alone, with commas between them or in a list. */
export interface SweepFile {
  readonly model?: OneOrMore<string>;
  readonly config?: OneOrMore<string>;
  readonly attention?: OneOrMore<string>;
  readonly hardware?: OneOrMore<string>;
  readonly batch?: OneOrMore<number | string>;
  readonly context?: OneOrMore<number | string>;
  readonly queryTokens?: OneOrMore<number | string>;
  readonly phase?: OneOrMore<string>;
  readonly weights?: OneOrMore<string>;
  readonly kvCache?: OneOrMore<string>;
  readonly activations?: OneOrMore<string>;
  readonly tensorParallel?: OneOrMore<number | string>;
  readonly pipelineParallel?: OneOrMore<number | string>;
  readonly expertParallel?: OneOrMore<number | string>;
  readonly sourceContext?: number;
  readonly beams?: number;
  readonly window?: number;
  readonly sameParameters?: boolean;
  readonly attentionKernel?: "fused" | "materialized";
  readonly latentKernel?: "auto" | "absorbed" | "expanded";
  readonly cacheUpdate?: "in-place" | "concat";
  readonly touchedExperts?: "expected" | "all";
  readonly memoryShare?: number;
  readonly ceilings?: string;
}

const wantsNumbers = 'wants a number, a range such as "1..1024*2", or a list of them';
const wantsWords = "wants a word or a list of words";

const number = z.union([z.int().positive(), z.string().min(1).max(100_000)]);
const numbers = z.union([number, z.array(number).min(1).max(100_000)], wantsNumbers).exactOptional();
const word = z.string().min(1).max(100_000);
const words = z.union([word, z.array(word).min(1).max(100_000)], wantsWords).exactOptional();
const whole = z.int().positive().exactOptional();

/** The published schema of a sweep file; every key may be left out. */
export const sweepFileSchema: z.ZodType<SweepFile> = z.strictObject({
  model: words.describe("model profiles"),
  config: words.describe("config.json files or model profiles by path, from the sweep file's folder"),
  attention: words.describe("mha, gqa:G, mqa, mla, as-is"),
  hardware: words.describe("hardware profiles, or files by path from the sweep file's folder"),
  batch: numbers.describe("requests served together"),
  context: numbers.describe("rows of the cache a sequence, the new tokens among them"),
  queryTokens: numbers.describe("new tokens a sequence"),
  phase: words.describe("decode, prefill"),
  weights: words.describe('formats of the weights; "published" is the model\'s own'),
  kvCache: words.describe("formats of keys and values"),
  activations: words.describe("formats of activations"),
  tensorParallel: numbers,
  pipelineParallel: numbers,
  expertParallel: numbers,
  sourceContext: whole.describe("rows of an encoder's output a request"),
  beams: whole,
  window: whole.describe("sliding window in every layer, in tokens"),
  sameParameters: z.boolean().exactOptional(),
  attentionKernel: z.enum(["fused", "materialized"]).exactOptional(),
  latentKernel: z.enum(["auto", "absorbed", "expanded"]).exactOptional(),
  cacheUpdate: z.enum(["in-place", "concat"]).exactOptional(),
  touchedExperts: z.enum(["expected", "all"]).exactOptional(),
  memoryShare: z.number().gt(0).max(1).exactOptional(),
  ceilings: z.string().min(1).exactOptional().describe("measured ceilings by path, from the sweep file's folder"),
});

/**
 * Reads a sweep file: JSON where its name ends with .json, else YAML 1.2. Paths in it are taken from its folder.
 * @throws InvalidInput for a file that cannot be read, a syntax error with its line, and keys that are unknown or wrong
 */
export async function readSweepFile(path: string): Promise<SweepFile> {
  const file = parseWithSchema(sweepFileSchema, await readYamlOrJson(path, "sweep file"), "sweep file");
  const beside = (name: string): string => (isAbsolute(name) ? name : resolve(dirname(path), name));
  return {
    ...file,
    ...(file.config === undefined ? {} : { config: mapped(file.config, beside) }),
    ...(file.ceilings === undefined ? {} : { ceilings: beside(file.ceilings) }),
    ...(file.hardware === undefined
      ? {}
      : { hardware: mapped(file.hardware, (name) => (/[\\/]|\.json$/i.test(name) ? beside(name) : name)) }),
  };
}

/** Lists typed as one text with commas are taken apart, so that each path is its own. */
function mapped(value: OneOrMore<string>, change: (name: string) => string): readonly string[] {
  const names = typeof value === "string" ? value.split(",") : value;
  return names.map((name) => change(name.trim()));
}
