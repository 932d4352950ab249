/** The situations that reports/planning.md plans: each a plan file in examples/plans/, one of them under further limits too. */

export interface PlanSituation {
  /** The stem of its charts' names, and of its rows in the table. */
  readonly id: string;
  readonly title: string;
  /** What it is about, in Markdown. */
  readonly text: string;
  /** examples/plans/FILE.yaml */
  readonly file: string;
  /** Laid over the file, by their long names. */
  readonly options: Readonly<Record<string, string>>;
}

export const planSituations: readonly PlanSituation[] = [
  {
    ...{ id: "chat-8b", file: "chat-8b", options: {} },
    title: "Chat on an 8B model",
    text: `Lengths have the mean and the deviation of the conversations in Azure's LLM inference trace of 2023, cut at 8,000 and 1,000 tokens.`,
  },
  {
    ...{ id: "rag-70b", file: "rag-70b", options: {} },
    title: "Answers from 30,000 tokens of documents on a 70B model",
    text: `Of each prompt 30 % are found computed (prefix caching); its cache takes room for every request all the same.`,
  },
  {
    ...{ id: "batch-summarising", file: "batch-summarising", options: {} },
    title: "Summaries that nobody waits for",
    text: `No objective but the rate: devices are filled as far as memory and the planner's utilisation let them.`,
  },
  {
    ...{ id: "code-completion", file: "code-completion", options: {} },
    title: "Code completion, at the 99th percentile",
    text: `Prompts of 2,048 and answers of 28 tokens, the means of the code in Azure's trace of 2023.`,
  },
  {
    ...{ id: "deepseek-v3", file: "deepseek-v3", options: {} },
    title: "DeepSeek-V3 on as many nodes as it takes",
    text: `A mixture of experts in fp8 with latent attention: 671 B parameters, which no single device holds.`,
  },
  {
    ...{ id: "deepseek-v3-node", file: "deepseek-v3", options: { devices: "8", rate: "5/s" } },
    title: "DeepSeek-V3 on one node",
    text: `Half the load, where eight devices, one node, are all there is.`,
  },
  {
    ...{ id: "deepseek-v3-overload", file: "deepseek-v3", options: { devices: "8" } },
    title: "DeepSeek-V3 on one node, with the whole load",
    text: `What the plan says where it cannot be done.`,
  },
  {
    ...{ id: "laptop", file: "laptop", options: {} },
    title: "One person and a laptop",
    text: `An 8B model in about 4.8 bits a weight under llama.cpp; the laptop is there and costs nothing more.`,
  },
];

/** As the page prints it and a person types it. */
export function planFilePath({ file }: PlanSituation): string {
  return `examples/plans/${file}.yaml`;
}
