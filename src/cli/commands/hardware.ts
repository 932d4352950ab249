/** `ridgepoint hardware`: lists, shows and checks hardware profiles. */
import type { Command } from "commander";
import { builtinHardware } from "../../generated/builtin-hardware.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import type { HardwareProfile } from "../../hardware/hardware-profile.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { type HardwareRow, hardwareListText, hardwareText } from "../hardware-text.ts";
import { addProfileArguments, filteredProfiles, profileRequest } from "../list-arguments.ts";
import { csvText, jsonText, type OutputKind, outputKind } from "../output.ts";
import { type ShownHardware, shownHardware, shownHardwareFile } from "../shown-hardware.ts";
import type { RawOptions } from "../step-settings.ts";

export const hardware: CliCommand = {
  configure(command: Command): void {
    addProfileArguments(command).addHelpText(
      "after",
      `
Examples:
  ridgepoint hardware                            all
  ridgepoint hardware apple                      those with "apple" in their name
  ridgepoint hardware show h100-sxm              peaks, bandwidth, ridge points, sources
  ridgepoint hardware --check my-device.json     is it a profile that can be read?
  ridgepoint hardware --csv`,
    );
  },

  async run(options: RawOptions, args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const request = profileRequest(options, args);
    if (request.kind === "list") {
      const rows = await hardwareRows(request.filter);
      if (kind === "json") io.write(jsonText({ hardware: rows }));
      else if (kind === "csv") io.write(csvText(rows.map((row) => ({ ...row }))));
      else io.write(hardwareListText(rows, io.columns));
      return 0;
    }
    const shown =
      request.kind === "show" ? await shownHardware(request.name) : await shownHardwareFile(request.path, "--check");
    // What programs read holds nothing else.
    if (request.kind === "check") (kind === "table" ? io.write : io.writeError)(`OK  ${request.path}\n`);
    printHardware(shown, kind, io);
    return 0;
  },
};

function printHardware(shown: ShownHardware, kind: OutputKind, io: CommandIo): void {
  if (kind === "json") io.write(jsonText(shown));
  else if (kind === "csv") io.write(csvText(shown.figures.map((figure) => ({ ...figure }))));
  else io.write(hardwareText(shown));
}

async function hardwareRows(filter: string): Promise<HardwareRow[]> {
  const { hardwareProfiles } = await import("../../generated/builtin-provenance.ts");
  const named = Object.values(builtinHardware).map((machine) => {
    const profile = hardwareProfiles[machine.id];
    return { id: machine.id, machine, profile, words: [machine.name, machine.vendor, ...(profile?.aliases ?? [])] };
  });
  return filteredProfiles(named, filter, "machine").map(({ machine, profile }) => rowOf(machine, profile));
}

function rowOf(machine: Hardware, profile: HardwareProfile | undefined): HardwareRow {
  const peak = machine.peakFlopsPerSecond;
  return {
    id: machine.id,
    name: machine.name,
    vendor: machine.vendor,
    kind: machine.kind,
    memoryCapacityBytes: machine.memoryCapacityBytes,
    memoryBandwidthBytesPerSecond: machine.memoryBandwidthBytesPerSecond,
    // Every format in every row, so that the columns of a CSV are always the same.
    peakFlopsPerSecond: {
      fp64: peak.fp64 ?? null,
      fp32: peak.fp32 ?? null,
      bf16: peak.bf16 ?? null,
      fp16: peak.fp16 ?? null,
      fp8: peak.fp8 ?? null,
      int8: peak.int8 ?? null,
      fp4: peak.fp4 ?? null,
    },
    linkBytesPerSecond: machine.link?.bytesPerSecond ?? null,
    powerWatts: machine.powerWatts,
    pricePerHourUsd: machine.pricePerHourUsd,
    basis: machine.basis,
    source: profile?.memory.bandwidth.source ?? null,
  };
}
