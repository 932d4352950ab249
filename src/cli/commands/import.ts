/** `ridgepoint import`: results of other programs as measurement tables. */
import type { Command } from "commander";
import { loadForeignFile } from "../../files/load-foreign-file.ts";
import type { RunLabels } from "../../measurement/import/foreign-format.ts";
import { foreignFormat, foreignFormats, formatOfFile } from "../../measurement/import/foreign-formats.ts";
import { convertForeignFile } from "../../measurement/import/import-tables.ts";
import type { MeasurementKind } from "../../measurement/measurement-row.ts";
import type { NotConverted } from "../../measurement/measurement-table.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { parseNumberFormat } from "../../quantity/number-format.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { importText } from "../import-text.ts";
import { positiveInteger } from "../number-option.ts";
import { jsonText } from "../output.ts";
import { type ImportedFile, type WrittenTable, writeImported } from "../write-imported.ts";

/** What `import --json` prints. */
export interface PrintedImport {
  readonly files: readonly {
    readonly file: string;
    readonly format: string;
    readonly tables: readonly { kind: MeasurementKind; rows: number; notConverted: readonly NotConverted[] }[];
  }[];
  readonly written: readonly WrittenTable[];
}

export const importCommand: CliCommand = {
  configure(command: Command): void {
    const formats = foreignFormats.map(({ id, what }) => `  ${id.padEnd(15)} ${what}`).join("\n");
    command
      .argument("<format>", "what wrote the files, or auto: known by their columns")
      .argument("<file...>", "result files: Parquet, CSV, JSON or JSON Lines, known by their content")
      .requiredOption("-o, --out <folder>", "folder for the tables, one a kind (attention.csv, linear.csv …)")
      .option("--overwrite", "write over tables that stand there")
      .option("--model <name>", "vllm-bench: the model, where the file does not say")
      .option("--hardware <name>", "vllm-bench: the machine")
      .option("--precision <format>", "vllm-bench: format of the weights (bf16)")
      .option("--kv-cache <format>", "vllm-bench: format of keys and values")
      .option("--engine-version <version>", "vllm-bench: the engine's version")
      .option("--tensor-parallel <n>", "vllm-bench: devices that share each layer (1)")
      .option("--pipeline-parallel <n>", "vllm-bench: stages (1)")
      .option("--concurrency <n>", "vllm-bench: requests at once, or the batch")
      .option("--isl <tokens>", "vllm-bench: tokens of a prompt")
      .option("--osl <tokens>", "vllm-bench: tokens of an answer")
      .option("--json", "print what was converted as JSON (schema in schemas/)")
      .addHelpText(
        "after",
        `
Formats:
${formats}

Source, engine and its version get columns of their own; units become those of docs/measurement-format.md. Rows that can't
be converted are counted and said with the reason. audit, validate and other commands that take tables read these files
directly too.

Examples:
  ridgepoint import aiconfigurator generation_attention_perf.parquet gemm_perf.parquet --out h100-vllm
  ridgepoint import llama-bench bench.jsonl --out my-laptop
  ridgepoint import vllm-bench serve.json --hardware h100-sxm --precision fp8 --tensor-parallel 2 --out runs
  ridgepoint import auto *.parquet *.csv --out tables`,
      );
  },

  async run(options, args, io): Promise<ExitCode> {
    const [id = "", ...paths] = args;
    const asked = id === "auto" ? null : foreignFormat(id);
    if (paths.length === 0) throw new InvalidInput("file", "none", "missing required argument 'file'");
    const folder = options["out"];
    if (typeof folder !== "string" || folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
    const labels = labelsOf(options);
    const files: ImportedFile[] = [];
    for (const path of paths) {
      const file = await loadForeignFile(path);
      const format = asked ?? formatOfFile(file);
      if (format === null) {
        const wants = `none of the formats known (${foreignFormats.map((each) => each.id).join(", ")})`;
        throw new InvalidInput("table", path, wants);
      }
      for (const [name, option] of labelOptions) {
        if (labels[name] !== undefined && format.labels?.includes(name) !== true) {
          throw new InvalidInput(option, options[option], `${format.id} files say it themselves`);
        }
      }
      files.push({ file: path, format: format.id, tables: convertForeignFile(file, format, labels) });
      if (io.interrupted.aborted) return 130;
    }
    const written = await writeImported(files, folder, options["overwrite"] === true);
    if (options["json"] === true) io.write(jsonText(summaryOf(files, written)));
    else io.write(importText(files, written));
    return 0;
  },
};

/** Labels and the options that give them. */
const labelOptions: readonly (readonly [name: keyof RunLabels, option: string])[] = [
  ["model", "model"],
  ["hardware", "hardware"],
  ["precision", "precision"],
  ["kvDtype", "kvCache"],
  ["engineVersion", "engineVersion"],
  ["tp", "tensorParallel"],
  ["pp", "pipelineParallel"],
  ["concurrency", "concurrency"],
  ["isl", "isl"],
  ["osl", "osl"],
];

const textLabels: ReadonlySet<keyof RunLabels> = new Set(["model", "hardware", "engineVersion"]);

function labelsOf(options: Readonly<Record<string, unknown>>): RunLabels {
  return Object.fromEntries(
    labelOptions.flatMap(([name, option]): [string, string | number][] => {
      const given = options[option];
      if (given === undefined) return [];
      if (name === "precision" || name === "kvDtype") return [[name, parseNumberFormat(String(given), option).id]];
      return [[name, textLabels.has(name) ? String(given) : positiveInteger(option, given)]];
    }),
  );
}

function summaryOf(files: readonly ImportedFile[], written: readonly WrittenTable[]): PrintedImport {
  return {
    files: files.map(({ file, format, tables }) => ({
      file,
      format,
      tables: tables.map(({ kind, records, notConverted }) => ({ kind, rows: records.length, notConverted })),
    })),
    written,
  };
}
