import { expect, test } from "vitest";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { engineFitOf, engineFits, engineParameters } from "../../src/timing/engine-fits.ts";
import { engineForm } from "../../src/timing/engine-form.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

test.each(engineFits)("$id: constants that the form knows, within its bounds, with a source", (fit) => {
  for (const [name, value] of Object.entries(fit.constants)) {
    const parameter = engineForm.parameters.find((each) => each.name === name);
    expect(parameter, name).toBeDefined();
    expect(value).toBeGreaterThanOrEqual(parameter?.lowest ?? Number.NaN);
    expect(value).toBeLessThanOrEqual(parameter?.highest ?? Number.NaN);
  }
  expect(fit.band.low).toBeLessThan(0);
  expect(fit.band.high).toBeGreaterThan(0);
  expect(fit.source).toMatch(/^fitted on \d+ /);
});

test("an engine's constants go by whose machine it is", () => {
  expect(engineFitOf("llama.cpp", hardwareProfile("rtx-4090"))?.id).toBe("llama.cpp-cuda");
  expect(engineFitOf("llama.cpp", hardwareProfile("apple-m3-max"))?.id).toBe("llama.cpp-metal");
  expect(engineFitOf("vllm", hardwareProfile("mi300x"))?.id).toBe("vllm-rocm");
  expect(engineFitOf("vllm", hardwareProfile("h100-sxm"))).toBeNull();
  // AMD's too, but none of the machines that were fitted.
  expect(engineFitOf("vllm", hardwareProfile("epyc-9654"))).toBeNull();
});

test("a share that is not named is 1, another constant 0", () => {
  const values = engineParameters({ constants: { startSeconds: 2e-6 } });
  engineForm.parameters.forEach(({ name, unit }, i) => {
    const wanted = name === "startSeconds" ? 2e-6 : unit === "share" ? 1 : 0;
    expect(values[i]).toBe(wanted);
  });
});

test("TensorRT-LLM's attention runs on matrix units for groups of 8 since version 0.8", () => {
  const rule = engineFits.find(({ id }) => id === "trt-llm")?.attentionOnMatrixUnits;
  expect(rule?.(8, "0.7.1")).toBe(false);
  expect(rule?.(8, "0.8.0")).toBe(true);
  expect(rule?.(8, "0.10.0")).toBe(true);
  expect(rule?.(8, null)).toBe(true);
  expect(rule?.(4, "0.9.0")).toBe(false);
});

test("llama.cpp unpacks K blocks alone on Metal, GPT-Fast all that is narrower than 16 bits", () => {
  const unpacks = (id: string, format: string): boolean | undefined =>
    engineFits.find((fit) => fit.id === id)?.unpacks(parseNumberFormat(format));
  expect(unpacks("llama.cpp-metal", "q4_k_m")).toBe(true);
  expect(unpacks("llama.cpp-metal", "q4_0")).toBe(false);
  expect(unpacks("gpt-fast", "int8")).toBe(true);
  expect(unpacks("gpt-fast", "bf16")).toBe(false);
});

test.each<[string | null, boolean]>([
  ["2023-11", false],
  ["2024-05", false],
  ["8e672ef (1550) or later for newer chips", false],
  ["build 2999", false],
  ["b2999 (8e672ef)", false],
  ["b3000 (8e672ef)", true],
  ["build 3000", true],
  ["build 7941/7948 (2026)", true],
  ["2024-07", true],
  ["2025-08", true],
  ["c76b420", true],
  [null, true],
])("llama.cpp %s records its kernels: %s", (version, records) => {
  expect(engineFits.find(({ id }) => id === "llama.cpp-cuda")?.records(version)).toBe(records);
});
