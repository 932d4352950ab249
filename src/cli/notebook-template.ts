/** A new notebook for Deno's Jupyter kernel: a question, what is asked about, one chart, and the answer in a sentence. */
import { plainMarkdown } from "../reporting/markdown.ts";

export interface NotebookTemplate {
  /** The title, as typed. */
  readonly title: string;
  /** What the notebook imports: a path or an address of dist/notebook.js. */
  readonly library: string;
  readonly model: string;
  readonly hardware: string;
}

/** The notebook's text, without outputs. */
export function notebookTemplate({ title, library, model, hardware }: NotebookTemplate): string {
  const quoted = (text: string): string => JSON.stringify(text);
  const cells = [
    markdown(
      "question",
      `# ${plainMarkdown(title)}

**Question.** What is to be known, and who decides what by it? Here: how does a step of a model slow down as the context grows,
and what would sharing keys and values change?`,
    ),
    code(
      "setup",
      `import {
  applyAttention, display, formatRatio, formatSeconds, loadHardware, loadModel, predictStep, say,
  stepPredictor, stepTimeByContext, table,
} from ${quoted(library)};

const model = loadModel(${quoted(model)});
const machine = await loadHardware(${quoted(hardware)});
const attentions = ["mha", "gqa:8", "mqa"];
const batch = 16;
const contexts = [1024, 2048, 4096, 8192, 16_384, 32_768];`,
    ),
    markdown("chart-text", "One chart that shows it. Hollow marks would not fit into the machine's memory."),
    code(
      "chart",
      `const variants = attentions.map((attention) => ({ attention, model: applyAttention(model, attention) }));
await display(
  stepTimeByContext({ variants, hardware: [machine], batches: [batch], contexts, options: {}, workload: {} }),
);`,
    ),
    markdown("answer-text", "## Answer"),
    code(
      "answer",
      `const longest = Math.max(...contexts);
const steps = variants.map(({ attention, model }) => {
  const step = predictStep(stepPredictor(model, machine), { batch, context: longest });
  return { attention, fits: step.fits, seconds: step.seconds ?? step.secondsIfItFitted ?? 0 };
});
await table(steps.map(({ attention, fits, seconds }) => ({ attention, step: formatSeconds(seconds), fits: fits ? "yes" : "no" })));
const [first, last] = [steps[0]!, steps.at(-1)!];
await say(
  \`At \${longest} tokens and batch \${batch}, a step with \${last.attention} is **\${formatRatio(first.seconds / last.seconds)}** as fast as with \${first.attention}\${first.fits ? "" : " if that fitted"}.\`,
);`,
    ),
  ];
  const metadata = {
    kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
    language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
  };
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
}

function markdown(id: string, text: string): object {
  return { cell_type: "markdown", id, metadata: {}, source: lines(text) };
}

function code(id: string, text: string): object {
  return { cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source: lines(text) };
}

/** Each with its line break, as notebooks are stored. */
function lines(text: string): string[] {
  return text.split(/(?<=\n)/);
}
