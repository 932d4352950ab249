import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type EngineOperation,
  type EngineRunCall,
  engineForm,
  engineOperationTime,
} from "../../src/timing/engine-form.ts";
import { emptyEngineOperation } from "../../src/timing/engine-operation.ts";
import { emptyKernelTime } from "../../src/timing/kernel-form.ts";

const machine = {
  bytesPerSecond: 1e12,
  halfFlopsPerSecond: 100e12,
  issueFlopsPerSecond: 10e12,
  linkBytesPerSecond: 50e9,
  records: false,
  unpacks: false,
};
const names = engineForm.parameters.map(({ name }) => name);

function parameters(values: Readonly<Record<string, number>>): Float64Array {
  return Float64Array.from(engineForm.parameters, ({ name, unit }) => values[name] ?? (unit === "share" ? 1 : 0));
}

function operation(parts: Partial<EngineOperation>): EngineOperation {
  return { ...emptyEngineOperation(), instances: 1, ...parts };
}

function seconds(values: Readonly<Record<string, number>>, parts: Partial<EngineOperation>, on = machine): number {
  const time = emptyKernelTime();
  engineOperationTime(parameters(values), operation(parts), on, time);
  return time.seconds;
}

function run(values: Readonly<Record<string, number>>, call: Partial<EngineRunCall>): number {
  const time = emptyKernelTime();
  const whole = { ...machine, prefill: null, decode: null, steps: 1, stages: 1, ...call };
  engineForm.time(parameters(values), whole, emptyMachine, time);
  return time.seconds;
}

const emptyMachine = {
  bytesPerSecond: 1,
  processors: 1,
  cacheBytes: 0,
  peakFlopsPerSecond: {},
  linkBytesPerSecond: null,
};

describe("one operation, by hand", () => {
  test("weights of 8 GB at 80 % of 1 TB/s take 10 ms, three instances start in 3 x 2 us", () => {
    const taken = seconds(
      { bandwidthEfficiency: 0.8, startSeconds: 2e-6 },
      { work: "matrix", weightBytes: 8e9, instances: 3 },
    );
    expect(taken).toBeCloseTo(0.010006, 12);
  });

  test("a matrix product at half the peak of its format", () => {
    const taken = seconds({ computeEfficiency: 0.5 }, { work: "matrix", flops: 1e12, peakFlopsPerSecond: 200e12 });
    expect(taken).toBeCloseTo(0.01, 12);
  });

  test("experts go by the 16-bit peak whatever their format", () => {
    const taken = seconds({ expertEfficiency: 0.5 }, { work: "experts", flops: 1e12, peakFlopsPerSecond: 200e12 });
    expect(taken).toBeCloseTo(0.02, 12);
  });

  test("on vector units a byte costs 20 operations, and unpacking a weight 5 more", () => {
    const product = { work: "matrix", weightBytes: 1e9, weights: 2e9, onMatrixUnits: false } as const;
    const costs = { byteCost: 20, unpackCost: 5 };
    // 2e10 operations at 1e13 a second are 2 ms beside 1 ms of bytes; 1e10 more are 1 ms.
    const knee = (a: number, b: number): number => (a + b + Math.sqrt((a - b) ** 2 + 4 * 0.01 * a * b)) / 2;
    expect(seconds(costs, product)).toBeCloseTo(knee(1e-3, 2e-3), 12);
    expect(seconds(costs, product, { ...machine, unpacks: true })).toBeCloseTo(knee(1e-3, 3e-3), 12);
  });

  test("where vector units multiply few rows, they load the weights of many: many take no less", () => {
    const product = { work: "matrix", weightBytes: 1e9, flops: 1e9, peakFlopsPerSecond: 200e12 } as const;
    const few = seconds({ byteCost: 20 }, { ...product, onVectorUnits: true, onMatrixUnits: false });
    expect(seconds({ byteCost: 20 }, { ...product, onVectorUnits: true })).toBe(few);
    expect(seconds({ byteCost: 20 }, product)).toBeLessThan(few);
  });

  test("attention on vector units goes by the fp32 peak, on matrix units by the 16-bit one", () => {
    const attention = { work: "attention", flops: 1e11 } as const;
    expect(seconds({ vectorEfficiency: 0.1 }, { ...attention, onMatrixUnits: false })).toBeCloseTo(0.1, 12);
    expect(seconds({ vectorEfficiency: 0.1 }, { ...attention, onMatrixUnits: true })).toBeCloseTo(0.001, 12);
  });

  test("decode attention starts once a layer and once for each sequence of it", () => {
    const starts = { startSeconds: 1e-6, sequenceSeconds: 1e-7 };
    expect(seconds(starts, { work: "attention", instances: 32, sequences: 10 })).toBeCloseTo(64e-6, 12);
  });

  test("a collective: its start, and its bytes at a share of the link", () => {
    const collective = { work: "collective", instances: 2, linkBytes: 1e6 } as const;
    expect(seconds({ collectiveStartSeconds: 1e-5, linkEfficiency: 0.5 }, collective)).toBeCloseTo(60e-6, 12);
  });

  test("recorded kernels keep a share of their starts", () => {
    const starts = { startSeconds: 10e-6, recordedStartShare: 0.4 };
    expect(seconds(starts, { instances: 5 })).toBeCloseTo(50e-6, 12);
    expect(seconds(starts, { instances: 5 }, { ...machine, records: true })).toBeCloseTo(20e-6, 12);
  });

  test("activations at their own share", () => {
    expect(seconds({ activationEfficiency: 0.5 }, { activationBytes: 1e9 })).toBeCloseTo(0.002, 12);
  });
});

test("a run is its prefill, its decode steps, and a hand-over between the devices of a pipeline in each step", () => {
  const prefill = [operation({ work: "matrix", weightBytes: 5e9 })];
  const decode = [operation({ work: "matrix", weightBytes: 1e9 })];
  expect(run({}, { prefill, decode, steps: 10 })).toBeCloseTo(0.015, 12);
  expect(run({ stageSeconds: 1e-4 }, { decode, steps: 10, stages: 3 })).toBeCloseTo(0.012, 12);
  expect(run({}, { prefill })).toBeCloseTo(0.005, 12);
});

test("shares of a ceiling are at most 1, and every constant has a start within its bounds", () => {
  for (const { unit, lowest, highest, starts } of engineForm.parameters) {
    if (unit === "share") expect(highest).toBe(1);
    for (const start of starts) expect(start >= lowest && start <= highest).toBe(true);
  }
  expect(new Set(names).size).toBe(names.length);
});

test("more work never takes less time, and a higher share never more", () => {
  const positive = fc.double({ min: 1e3, max: 1e12, noNaN: true });
  const anyOperation = fc.record({
    work: fc.constantFrom("matrix", "experts", "attention", "small", "collective" as const),
    weightBytes: positive,
    cacheBytes: positive,
    activationBytes: positive,
    flops: positive,
    linkBytes: positive,
    weights: positive,
    onMatrixUnits: fc.boolean(),
    grown: fc.constantFrom(
      "weightBytes",
      "cacheBytes",
      "activationBytes",
      "flops",
      "linkBytes",
      "weights",
      "instances" as const,
    ),
    constant: fc.nat({ max: names.length - 1 }),
  });
  fc.assert(
    fc.property(anyOperation, ({ grown, constant, ...parts }) => {
      const middle = Object.fromEntries(engineForm.parameters.map(({ name, starts }) => [name, starts[0]]));
      const before = operation({ ...parts, peakFlopsPerSecond: 200e12 });
      const more = { ...before, [grown]: before[grown] * 2 };
      expect(seconds(middle, more)).toBeGreaterThanOrEqual(seconds(middle, before) * (1 - 1e-12));
      const { name, unit } = engineForm.parameters[constant]!;
      const raised = { ...middle, [name]: middle[name]! * 1.2 };
      const [now, then] = [seconds(middle, before), seconds(raised, before)];
      if (unit === "share") expect(then).toBeLessThanOrEqual(now * (1 + 1e-12));
      else expect(then).toBeGreaterThanOrEqual(now * (1 - 1e-12));
    }),
  );
});
