/** What settings are called beside each other: their letter, and what tells them apart. */
import { describeAttention } from "ridgepoint";
import type { PredictedSetting } from "./predicted-setting.ts";

export const settingLetters = ["A", "B", "C", "D"] as const;

/** More would not stand beside a bar. */
const mostAspects = 2;

/**
 * A name each: the letter, and the first two aspects in which any differ. @example two of one model on one machine with MHA and MQA: "A: MHA 32", "B: MQA 32/1"; one alone: "A"
 */
export function settingNames(answers: readonly (PredictedSetting | null)[]): string[] {
  const known = answers.filter((each) => each !== null);
  const aspects: ((answer: PredictedSetting) => string)[] = [
    ({ model }) => model.name,
    ({ model }) => describeAttention(model),
    ({ hardware }) => hardware.name,
    ({ setting }) => (setting.tensorParallel === 1 ? "1 device" : `${setting.tensorParallel} devices`),
    ({ setting }) => `batch ${setting.batch}`,
    ({ setting }) => `context ${setting.context}`,
    ({ setting }) => `weights ${setting.weights ?? "as published"}`,
    ({ setting }) => `K/V ${setting.kvCache}`,
    ({ setting }) => `activations ${setting.activations}`,
    ({ prediction }) => prediction.engine ?? prediction.timing,
  ];
  const differing = aspects.filter((aspect) => new Set(known.map(aspect)).size > 1).slice(0, mostAspects);
  return answers.map((answer, index) => {
    const letter = settingLetters[index] ?? String(index + 1);
    const parts = answer === null ? [] : differing.map((aspect) => aspect(answer));
    return parts.length === 0 ? letter : `${letter}: ${parts.join(", ")}`;
  });
}
