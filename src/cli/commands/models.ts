/** `ridgepoint models`: lists, shows and checks model profiles and config.json files. */
import type { Command } from "commander";
import { describeModel } from "../../analysis/describe-model.ts";
import { builtinModels } from "../../generated/builtin-models.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { addProfileArguments, filteredProfiles, profileRequest } from "../list-arguments.ts";
import { type ModelRow, modelListText, modelText } from "../model-text.ts";
import { csvText, jsonText, type OutputKind, outputKind } from "../output.ts";
import { type ShownModel, shownModel, shownModelFile } from "../shown-model.ts";
import type { RawOptions } from "../step-settings.ts";

export const models: CliCommand = {
  configure(command: Command): void {
    addProfileArguments(command).addHelpText(
      "after",
      `
Examples:
  ridgepoint models                              all
  ridgepoint models llama                        those with "llama" in their name
  ridgepoint models show llama-3.1-8b            parameters, bytes, layers, sources
  ridgepoint models show path/to/config.json     a Hugging Face config.json or a model profile
  ridgepoint models --check my-model.json        is it a profile or config.json that can be read?
  ridgepoint models --json`,
    );
  },

  async run(options: RawOptions, args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const request = profileRequest(options, args);
    if (request.kind === "list") {
      const rows = await modelRows(request.filter);
      if (kind === "json") io.write(jsonText({ models: rows }));
      else if (kind === "csv") io.write(csvText(rows.map((row) => ({ ...row }))));
      else io.write(modelListText(rows, io.columns));
      return 0;
    }
    const shown =
      request.kind === "show" ? await shownModel(request.name) : await shownModelFile(request.path, "--check");
    // What programs read holds nothing else.
    if (request.kind === "check") (kind === "table" ? io.write : io.writeError)(`OK  ${request.path}\n`);
    printModel(shown, kind, io);
    return 0;
  },
};

function printModel(shown: ShownModel, kind: OutputKind, io: CommandIo): void {
  if (kind === "json") io.write(jsonText(shown));
  else if (kind === "csv") io.write(csvText([{ ...shown }]));
  else io.write(modelText(shown));
}

async function modelRows(filter: string): Promise<ModelRow[]> {
  const { modelProfiles } = await import("../../generated/builtin-provenance.ts");
  const named = Object.values(builtinModels).map((model) => {
    const profile = modelProfiles[model.id];
    return { id: model.id, model, profile, words: [model.name, profile?.family ?? "", ...(profile?.aliases ?? [])] };
  });
  return filteredProfiles(named, filter, "model").map(({ model, profile }) => {
    const { id, name, parameters, activeParameters, attention, layers, kvBytesPerToken, maxContext } =
      describeModel(model);
    const family = profile?.family ?? null;
    const source = profile?.source ?? null;
    return { id, name, family, parameters, activeParameters, attention, layers, kvBytesPerToken, maxContext, source };
  });
}
