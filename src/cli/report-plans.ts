/** The plan files that the report answers, where the installation holds them: the repository does, the package does not. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { planFilePath, planSituations } from "../reporting/plan-situations.ts";
import type { ReportPlan } from "../reporting/planned-situation.ts";
import { planSetup } from "./plan-setup.ts";

/**
 * In the order of the report; none where one of the files is not there.
 * @throws InvalidInput for a file that can't be read
 */
export async function reportPlans(): Promise<ReportPlan[]> {
  const root = rootOf(planSituations.map(planFilePath));
  if (root === null) return [];
  return await Promise.all(
    planSituations.map(async (situation) => {
      const file = join(root, ...planFilePath(situation).split("/"));
      const { question, simulation, request } = await planSetup({ ...situation.options, file });
      return { situation, question, simulation, whatIf: request.whatIf };
    }),
  );
}

/** The repository that this module belongs to, from its sources and from any depth of a bundle. */
function rootOf(paths: readonly string[]): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (paths.every((path) => existsSync(join(folder, ...path.split("/"))))) return folder;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}
