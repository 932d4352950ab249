/** Every schema that schemas/ holds: the `--json` of each command, and the files that users write. A change is a breaking change. */
import type { z } from "zod";
import { modelProfileSchema } from "../architecture/model-profile-schema.ts";
import { hardwareProfileSchema } from "../hardware/hardware-profile-schema.ts";
import { planFileSchema } from "../planning/plan-request-schema.ts";
import { fitFileSchema } from "../validation/fit-file-schema.ts";
import { ceilingsOutputSchema } from "./schemas/ceilings-output.ts";
import { crossoverOutputSchema } from "./schemas/crossover-output.ts";
import {
  explainDerivativeOutputSchema,
  explainOutputSchema,
  explainRatioOutputSchema,
} from "./schemas/explain-output.ts";
import { fitOutputSchema } from "./schemas/fit-output.ts";
import { generateOutputSchema } from "./schemas/generate-output.ts";
import { hardwareListOutputSchema, hardwareOutputSchema } from "./schemas/hardware-output.ts";
import { hereOutputSchema } from "./schemas/here-output.ts";
import { importOutputSchema } from "./schemas/import-output.ts";
import { measureGridOutputSchema, measureOutputSchema } from "./schemas/measure-output.ts";
import { modelOutputSchema, modelsOutputSchema } from "./schemas/models-output.ts";
import { planOutputSchema } from "./schemas/plan-output.ts";
import { sensitivityOutputSchema } from "./schemas/sensitivity-output.ts";
import { simulateOutputSchema } from "./schemas/simulate-output.ts";
import { compareOutputSchema, stepOutputSchema } from "./schemas/step-output.ts";
import { sweepRowSchema } from "./schemas/sweep-output.ts";
import { auditOutputSchema, validateOutputSchema } from "./schemas/validate-output.ts";
import { sweepFileSchema } from "./sweep-file.ts";

/** By the name of the file without its ending (.schema.json). */
export const publishedSchemas: Readonly<Record<string, z.ZodType>> = {
  step: stepOutputSchema,
  compare: compareOutputSchema,
  sweep: sweepRowSchema,
  "sweep-file": sweepFileSchema,
  "plan-request": planFileSchema,
  plan: planOutputSchema,
  simulate: simulateOutputSchema,
  // The main job prints a comparison.
  main: compareOutputSchema,
  generate: generateOutputSchema,
  crossover: crossoverOutputSchema,
  fit: fitOutputSchema,
  sensitivity: sensitivityOutputSchema,
  explain: explainOutputSchema,
  "explain-ratio": explainRatioOutputSchema,
  "explain-derivative": explainDerivativeOutputSchema,
  models: modelsOutputSchema,
  "models-show": modelOutputSchema,
  hardware: hardwareListOutputSchema,
  "hardware-show": hardwareOutputSchema,
  validate: validateOutputSchema,
  "validate-here": hereOutputSchema,
  audit: auditOutputSchema,
  calibrate: fitFileSchema,
  import: importOutputSchema,
  measure: measureOutputSchema,
  "measure-dry-run": measureGridOutputSchema,
  "measure-ceilings": ceilingsOutputSchema,
  "model-profile": modelProfileSchema,
  "hardware-profile": hardwareProfileSchema,
};
