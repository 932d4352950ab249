/** The parts of the page that need no browser, each with a case by hand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstLoadFiles } from "../../scripts/check-web-size.mjs";
import type { JsonObject } from "../../src/charts/json.ts";
import { captionParagraphs } from "../../web/src/caption-paragraphs.ts";
import { commandText } from "../../web/src/command-text.ts";
import { dollars, figuresOf, resultSentence } from "../../web/src/figures.ts";
import { liftedSpec } from "../../web/src/lifted-spec.ts";
import { logSteps, nearestStep } from "../../web/src/log-steps.ts";
import { chartIds, pageCharts } from "../../web/src/page-charts.ts";
import { type PredictedSetting, settingPredictor } from "../../web/src/predicted-setting.ts";
import { resultJson } from "../../web/src/result-view.ts";
import { defaultSetting, type Setting } from "../../web/src/setting.ts";
import { withField } from "../../web/src/setting-fields.ts";
import { settingNames } from "../../web/src/setting-names.ts";

const predict = settingPredictor();

function answerOf(changes: Partial<Setting> = {}): PredictedSetting {
  const answer = predict({ ...defaultSetting, ...changes });
  if (!answer.ok) throw new Error(answer.problem);
  return answer.answer;
}

describe("the steps of a slider", () => {
  it("are whole numbers, four to a doubling from 4 on", () => {
    expect(logSteps(1, 16)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16]);
    expect(logSteps(128, 256)).toEqual([128, 160, 192, 224, 256]);
  });

  it("grow, and the nearest to each is itself", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1e6 }), (low, more) => {
        const steps = logSteps(low, low + more);
        expect(steps.every((step, i) => Number.isInteger(step) && (i === 0 || step > (steps[i - 1] as number)))).toBe(
          true,
        );
        expect([steps[0], steps.at(-1)]).toEqual([low, low + more]);
        expect(steps.map((step) => nearestStep(steps, step))).toEqual(steps.map((_, i) => i));
      }),
    );
  });

  it("stand for values between and beyond them by ratio", () => {
    expect(nearestStep([1, 2, 4], 2.9)).toBe(2);
    expect(nearestStep([1, 2, 4], 2.8)).toBe(1);
    expect(nearestStep([1, 2, 4], 1e9)).toBe(2);
  });
});

describe("the command", () => {
  it("says what was chosen, and leaves out what the command takes for granted", () => {
    expect(commandText(defaultSetting)).toBe(
      "ridgepoint step --model llama-3.1-8b --hardware h100-sxm --batch 16 --context 8192",
    );
    const chosen = {
      attention: "gqa:4",
      weights: "int4:128",
      kvCache: "fp8",
      tensorParallel: 2,
      engine: "vllm",
    } as const;
    expect(commandText({ ...defaultSetting, ...chosen, config: "{}" })).toBe(
      "ridgepoint step --config config.json --hardware h100-sxm --batch 16 --context 8192 --attention gqa:4 --weights int4:128 --kv-cache fp8 --tensor-parallel 2 --engine vllm",
    );
  });
});

describe("fields", () => {
  it("become ids, formats and numbers, as the command line reads them", () => {
    expect(withField(defaultSetting, "model", " LLAMA-2-7B ").model).toBe("llama-2-7b");
    expect(withField(defaultSetting, "context", "1e6").context).toBe(1_000_000);
    expect(withField({ ...defaultSetting, weights: "fp8" }, "weights", "").weights).toBeNull();
    expect(withField(defaultSetting, "pricePerHour", "2.5").pricePerHour).toBe(2.5);
  });

  it.each([
    ["model", "lama-2-7b", /did you mean llama-2-7b/],
    ["batch", "0", /invalid batch: 0/],
    ["batch", "1000000000001", /invalid batch/],
    ["attention", "gqa", /invalid attention/],
    ["weights", "int3", /invalid weights/],
    ["activations", "q4_0", /invalid activations/],
    ["tensorParallel", "1025", /1 to 1024/],
    ["pricePerHour", "0", /invalid price/],
    ["engine", "__proto__", /invalid engine/],
  ] as const)("refuse %s %s", (name, text, reason) => {
    expect(() => withField(defaultSetting, name, text)).toThrow(reason);
  });
});

describe("figures", () => {
  it("are the library's own numbers, with a sentence of them", () => {
    const answer = answerOf({ model: "llama-2-7b", timing: "roofline", batch: 1, context: 512 });
    const seconds = figuresOf(answer).find(({ id }) => id === "seconds");
    expect(seconds?.value).toBe(answer.prediction.seconds);
    // 13.215 GB of weights and 0.269 GB of K/V at 3.35 TB/s are 4.025 ms; activations are the rest.
    expect(seconds?.text).toBe("4.03 ms");
    expect(resultSentence(answer)).toBe("Llama 2 7B on H100 SXM5 80GB: 4.03 ms a step, 248 tokens/s, bound by weights");
  });

  it("give no speed and no cost to what does not fit, and the time that it would take", () => {
    const answer = answerOf({ model: "llama-3.1-70b" });
    const figures = Object.fromEntries(figuresOf(answer).map((each) => [each.id, each]));
    expect(figures["seconds"]).toMatchObject({ value: null, text: "does not fit" });
    expect(figures["costPerMillionTokens"]).toMatchObject({ value: null, text: "does not fit" });
    expect(figures["secondsIfItFitted"]?.value).toBeGreaterThan(0);
    expect(figures["fits"]?.text).toMatch(/^does not fit by .* needs .* has/);
  });

  it("count all devices in the cost: 36 USD an hour at 1,000 tokens a second are 10 USD a million", () => {
    const answer = answerOf({ tensorParallel: 2, pricePerHour: 18 });
    const perSecond = answer.prediction.tokensPerSecond as number;
    expect(answer.costPerMillionTokens).toBeCloseTo((10 * 1000) / perSecond, 9);
  });

  it("write dollars with cents from one on, with three digits under it", () => {
    expect([2.5, 1, 0.9996, 0.0123].map(dollars)).toEqual(["2.50 USD", "1.00 USD", "1.00 USD", "0.0123 USD"]);
  });

  it("answer a setting that cannot be with the library's reason", () => {
    expect(predict({ ...defaultSetting, attention: "gqa:5" })).toMatchObject({
      ok: false,
      problem: /must divide heads 32/,
    });
    expect(predict({ ...defaultSetting, timing: "roofline", engine: "vllm" })).toMatchObject({ ok: false });
  });

  it("are written as JSON with the command beside each, problems too", () => {
    const answers = [predict(defaultSetting), predict({ ...defaultSetting, attention: "gqa:5" })];
    const { settings } = JSON.parse(resultJson({ answers, names: ["A", "B"] })) as {
      settings: Record<string, unknown>[];
    };
    expect(settings[0]?.["command"]).toBe(commandText(defaultSetting));
    expect(settings[1]?.["problem"]).toMatch(/must divide/);
  });
});

describe("names of settings", () => {
  it("are letters, and what tells them apart", () => {
    expect(settingNames([answerOf()])).toEqual(["A"]);
    expect(settingNames([answerOf(), answerOf({ attention: "mqa" }), null])).toEqual([
      "A: GQA 32/8",
      "B: MQA 32/1",
      "C",
    ]);
    expect(settingNames([answerOf(), answerOf()])).toEqual(["A", "B"]);
  });

  it("name two differences at most", () => {
    const names = settingNames([
      answerOf(),
      answerOf({ model: "llama-2-7b", batch: 1, context: 512, hardware: "h200" }),
    ]);
    expect(names).toEqual(["A: Llama 3.1 8B, GQA 32/8", "B: Llama 2 7B, MHA 32"]);
  });
});

describe("a lifted specification", () => {
  it("holds rows, domains, values and axis titles apart from its form", () => {
    const spec = (rows: readonly JsonObject[], most: number, unit: string): JsonObject => ({
      title: { text: ["a"] },
      data: { values: rows },
      mark: "bar",
      encoding: {
        x: { field: "v", title: `Time (${unit})`, scale: { domain: [0, most] }, axis: { values: [0, most] } },
      },
    });
    const first = liftedSpec(spec([{ v: 1 }], 1, "ms"));
    const second = liftedSpec(spec([{ v: 2 }, { v: 3 }], 3, "s"));
    expect(first.key).toBe(second.key);
    expect([...second.datasets.values()]).toEqual([[{ v: 2 }, { v: 3 }]]);
    expect([...second.signals.values()]).toEqual(["Time (s)", [0, 3]].reverse());
    expect(JSON.stringify(second.form)).not.toContain("Time");
  });

  it.each(chartIds)("of %s keeps its form from one batch to the next, whatever the numbers", (id) => {
    const specs = [17, 18].map((batch) => {
      const answer = answerOf({ batch, context: 9000 });
      const named = { name: "A", answer };
      return liftedSpec(pageCharts[id]({ all: [named], selected: named }) as unknown as JsonObject);
    });
    expect(specs[0]?.key).toBe(specs[1]?.key);
    expect(specs[0]?.datasets.size).toBeGreaterThan(0);
  });
});

describe("charts", () => {
  const two = [answerOf(), answerOf({ attention: "mqa", context: 4096 })].map((answer, i) => ({
    name: "AB"[i] ?? "",
    answer,
  }));

  it.each(chartIds)("of two settings: %s has a row and more", (id) => {
    const chart = pageCharts[id]({ all: two, selected: two[0] as (typeof two)[number] });
    expect(chart.data.values.length).toBeGreaterThan(1);
  });

  it("of bytes put settings of several contexts under one heading", () => {
    const chart = pageCharts.bytes({ all: two, selected: two[0] as (typeof two)[number] });
    expect(new Set(chart.data.values.map((row) => row["heading"]))).toEqual(new Set(["Each at its own context"]));
  });

  it("of times by context are those of the prediction at each", () => {
    const chart = pageCharts.context({ all: two, selected: two[0] as (typeof two)[number] });
    const row = chart.data.values.find(({ series, context }) => series === "B" && context === 4096);
    expect(row?.["stepSeconds"]).toBe(two[1]?.answer.prediction.seconds);
  });
});

describe("a chart's caption", () => {
  it("is the subtitle and each note as a paragraph, however the chart breaks its lines", () => {
    const spec = {
      title: { text: ["t"], subtitle: ["batch 1,", "fp8", "area of a", "mark: time", "– none"], offset: 12 },
      description: "t. batch 1, fp8. Lines. area of a mark: time. –  none",
    };
    expect(captionParagraphs(spec)).toEqual(["batch 1, fp8", "area of a mark: time", "– none"]);
    expect(captionParagraphs({ title: { text: ["t"], offset: 12 }, description: "t" })).toEqual([]);
  });

  it("of every chart of the page loses no word", () => {
    const named = { name: "A", answer: answerOf() };
    for (const id of chartIds) {
      const chart = pageCharts[id]({ all: [named], selected: named });
      expect(captionParagraphs(chart).join(" ")).toBe((chart.title.subtitle ?? []).join(" "));
    }
  });
});

describe("the first load", () => {
  it("is the entry with all that it imports statically, and not what is loaded later", () => {
    const manifest = {
      "index.html": { file: "index.js", css: ["a.css"], imports: ["_b.js"], dynamicImports: ["charts.ts"] },
      "_b.js": { file: "b.js", imports: ["index.html"] },
      "charts.ts": { file: "charts.js", css: ["c.css"] },
    };
    expect(firstLoadFiles(manifest)).toEqual(["a.css", "b.js", "index.js"]);
  });
});
