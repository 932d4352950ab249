/** Every command by name; a command's file is loaded only when it runs. */
import type { CommandEntry } from "./command.ts";
import { step } from "./commands/step.ts";

export const commands: readonly CommandEntry[] = [
  {
    name: "main",
    summary: "the main job: Llama-2-7B as MHA, GQA-8 and MQA on four machines, with charts and report",
    load: async () => (await import("./commands/main.ts")).main,
  },
  {
    name: "step",
    summary: "one decode step (or prefill) on one machine, per operation",
    // In the entry itself: a file less to open on the path that has to be quick.
    load: async () => step,
  },
  {
    name: "generate",
    summary: "one request: prefill, then every step as the context grows",
    load: async () => (await import("./commands/generate.ts")).generate,
  },
  {
    name: "compare",
    summary: "attention variants side by side over batches, contexts and machines",
    load: async () => (await import("./commands/compare.ts")).compare,
  },
  {
    name: "sweep",
    summary: "a whole grid to CSV, NDJSON or Parquet",
    load: async () => (await import("./commands/sweep.ts")).sweep,
  },
  {
    name: "crossover",
    summary: "the batch and the context at which the answer flips",
    load: async () => (await import("./commands/crossover.ts")).crossover,
  },
  {
    name: "fit",
    summary: "what fits into memory: largest batch and longest context by cache format and attention",
    load: async () => (await import("./commands/fit.ts")).fit,
  },
  {
    name: "sensitivity",
    summary: "what more bandwidth, fewer cache bytes or more FLOP/s would buy",
    load: async () => (await import("./commands/sensitivity.ts")).sensitivity,
  },
  {
    name: "roofline",
    summary: "the roofline chart with the step's operations on it",
    load: async () => (await import("./commands/roofline.ts")).roofline,
  },
  {
    name: "chart",
    summary: "time, bytes, speed-up and memory as charts",
    load: async () => (await import("./commands/chart.ts")).chart,
  },
  {
    name: "explain",
    summary: "the formulas, with numbers put in, and where they lead",
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  {
    name: "plan",
    summary: "how many of which devices, laid out how, serve a load within objectives, at what cost",
    load: async () => (await import("./commands/plan.ts")).plan,
  },
  {
    name: "simulate",
    summary: "one layout under a workload or a trace, request by request",
    load: async () => (await import("./commands/simulate.ts")).simulate,
  },
  {
    name: "models",
    summary: "list, show and check model profiles and config.json files",
    load: async () => (await import("./commands/models.ts")).models,
  },
  {
    name: "hardware",
    summary: "list, show and check hardware profiles",
    load: async () => (await import("./commands/hardware.ts")).hardware,
  },
  {
    name: "report",
    summary: "write reports/: overview, MHA against MQA and GQA, the paper's experiment",
    load: async () => (await import("./commands/report.ts")).report,
  },
  {
    name: "measure",
    summary: "time kernels and whole steps on this machine",
    load: async () => (await import("./commands/measure.ts")).measure,
    subcommands: [
      {
        name: "ceilings",
        summary: "what this machine's memory, caches and arithmetic give, as a hardware profile",
        load: async () => (await import("./commands/measure-ceilings.ts")).measureCeilingsCommand,
      },
    ],
  },
  {
    name: "notebook",
    summary: "notebooks in TypeScript: what they need, and a new one from a template",
    load: async () => (await import("./commands/notebook.ts")).notebook,
    subcommands: [
      {
        name: "new",
        summary: "a notebook to change: question, setup, one chart, answer",
        load: async () => (await import("./commands/notebook-new.ts")).notebookNew,
      },
    ],
  },
  {
    name: "import",
    summary: "results of other programs (aiconfigurator, llama-bench, vLLM …) as measurement tables",
    load: async () => (await import("./commands/import.ts")).importCommand,
  },
  {
    name: "validate",
    summary: "predictions against measured rows",
    load: async () => (await import("./commands/validate.ts")).validate,
  },
  {
    name: "calibrate",
    summary: "fit kernel timings to measured tables, for predictions that hold",
    load: async () => (await import("./commands/calibrate.ts")).calibrateCommand,
  },
  {
    name: "audit",
    summary: "rows that no machine could have produced",
    load: async () => (await import("./commands/audit.ts")).audit,
  },
];
