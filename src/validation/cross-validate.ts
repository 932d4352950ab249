/**
 * Cross-validation that leaves out whole groups (a K/V head count, a matrix shape, a model): each sample is predicted by a fit
 * that saw no row of its group. Groups are dealt into at most `folds` folds in their order of first appearance, so that the same
 * samples give the same folds. Of a large table a fold is fitted on evenly spread rows, as many as tell its parameters; all rows
 * left out are predicted.
 */
import { emptyKernelTime, type KernelForm, type KernelMachine } from "../timing/kernel-form.ts";
import { type KernelRegime, kernelRegime } from "../timing/kernel-regime.ts";
import { type FitFormOptions, type FormSample, fitForm, spreadSamples } from "./fit-form.ts";

export interface CrossValidated<Call> {
  readonly sample: FormSample<Call>;
  readonly predictedSeconds: number;
  readonly regime: KernelRegime;
  readonly fold: number;
}

/** More than enough for some twenty parameters. */
const rowsOfFold = 8000;

/** @throws RangeError where all samples are of one group: nothing can be left out */
export function crossValidate<Call extends object>(
  form: KernelForm<Call>,
  samples: readonly FormSample<Call>[],
  machine: KernelMachine,
  folds: number,
  options: FitFormOptions = {},
): CrossValidated<Call>[] {
  const groups = [...new Set(samples.map(({ group }) => group))];
  if (groups.length < 2) throw new RangeError("cross-validation wants two groups of rows at least");
  const used = Math.min(folds, groups.length);
  const foldOf = new Map(groups.map((group, i) => [group, i % used]));
  const time = emptyKernelTime();
  return Array.from({ length: used }, (_, fold) => {
    const others = samples.filter(({ group }) => foldOf.get(group) !== fold);
    const seen = spreadSamples(others, rowsOfFold);
    const { parameters } = fitForm(form, seen, machine, options);
    return samples.flatMap((sample) => {
      if (foldOf.get(sample.group) !== fold) return [];
      form.time(parameters, sample.call, machine, time);
      return [{ sample, predictedSeconds: time.seconds, regime: kernelRegime(time), fold }];
    });
  }).flat();
}
