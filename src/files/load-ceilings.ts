/** Measured ceilings from a file: a ceilings.json, or a hardware profile that was measured. */
import type { Hardware } from "../hardware/hardware.ts";
import { readHardwareFile } from "./load-hardware.ts";

/**
 * `hardware` with the ceilings that the file holds.
 * @throws InvalidInput for a file that can't be read or is neither layout, and for ceilings that can't be the machine's
 */
export async function applyCeilingsFile(hardware: Hardware, path: string): Promise<Hardware> {
  const [measured, { refuseOtherCeilings }] = await Promise.all([
    ceilingsOf(hardware, path),
    import("../hardware/plausible-ceilings.ts"),
  ]);
  refuseOtherCeilings(hardware, measured, path);
  return measured;
}

async function ceilingsOf(hardware: Hardware, path: string): Promise<Hardware> {
  const [{ readTextFile }, { parseJson }, { isCeilings, unmeasured, withCeilings }] = await Promise.all([
    import("./read-text-file.ts"),
    import("../architecture/parse-json.ts"),
    import("../hardware/measured-ceilings.ts"),
  ]);
  const value = parseJson(await readTextFile(path, "ceilings"), path);
  if (isCeilings(value)) return withCeilings(hardware, value as Record<string, unknown>);
  const measured = (await readHardwareFile(path, "ceilings")).hardware;
  return {
    ...hardware,
    memoryBandwidthBytesPerSecond: measured.memoryBandwidthBytesPerSecond,
    processors: measured.processors ?? hardware.processors,
    caches: measured.caches,
    kernelStartSeconds: measured.kernelStartSeconds,
    peakFlopsPerSecond: { ...hardware.peakFlopsPerSecond, ...measured.peakFlopsPerSecond },
    statedPeaks: unmeasured(hardware.peakFlopsPerSecond, new Set(Object.keys(measured.peakFlopsPerSecond))),
    datasheetPeaks: hardware.datasheetPeaks ?? hardware.peakFlopsPerSecond,
    memoryCapacityBytes: measured.memoryCapacityBytes,
    memoryCapacityNote: measured.memoryCapacityNote,
    basis: "measured",
  };
}

/** Copy bandwidth over read bandwidth; undefined where the file does not say. @throws InvalidInput for a file that can't be read */
export async function copyShareOf(path: string): Promise<number | undefined> {
  const [{ readTextFile }, { parseJson }] = await Promise.all([
    import("./read-text-file.ts"),
    import("../architecture/parse-json.ts"),
  ]);
  const { copy_bytes_per_s: copy, read_bytes_per_s: read } = parseJson(
    await readTextFile(path, "ceilings"),
    path,
  ) as Readonly<Record<string, unknown>>;
  return typeof copy === "number" && typeof read === "number" && copy > 0 && read > 0 ? copy / read : undefined;
}
