/** A plan file: the question of `ridgepoint plan` and `simulate` as YAML or JSON. */
import { dirname, isAbsolute, resolve } from "node:path";
import type { OneOrMore, PlanFile } from "../planning/plan-file.ts";
import { readYamlOrJson } from "./read-yaml.ts";

/**
 * Reads a plan file: JSON where its name ends with .json, else YAML 1.2. Paths in it (config, trace, hardware files) are taken from its
 * folder. planRequestOf makes the question of it, after options are laid over (layOverPlanFile).
 * @throws InvalidInput for a file that cannot be read, a syntax error with its line, and keys that are unknown or wrong
 */
export async function loadPlanFile(path: string): Promise<PlanFile> {
  const value = await readYamlOrJson(path, "plan file");
  const { readPlanFile } = await import("../planning/plan-request-schema.ts");
  const file = readPlanFile(value);
  const beside = (name: string): string => (isAbsolute(name) ? name : resolve(dirname(path), name));
  const { config, workload, candidates } = file;
  return {
    ...file,
    ...(config === undefined ? {} : { config: beside(config) }),
    ...(workload?.trace === undefined ? {} : { workload: { ...workload, trace: beside(workload.trace) } }),
    ...(candidates?.hardware === undefined
      ? {}
      : { candidates: { ...candidates, hardware: hardwareBeside(candidates.hardware, beside) } }),
  };
}

/** Names stay; what looks like a path is one. */
function hardwareBeside(hardware: OneOrMore<string>, beside: (name: string) => string): readonly string[] {
  const names = typeof hardware === "string" ? hardware.split(",") : hardware;
  return names.map((name) => (/[\\/]|\.json$/i.test(name) ? beside(name.trim()) : name.trim()));
}
