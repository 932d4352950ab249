/**
 * WebGPU in Node: Dawn, from the optional package `webgpu`, which is large and loaded only here.
 * Without a GPU's driver it looks for SwiftShader, a Vulkan driver that runs on the processor and comes with Chromium.
 */
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import type { FoundGpu } from "./found-gpu.ts";
import { reasonLine } from "./reason-line.ts";

interface DawnPackage {
  create(options: readonly string[]): GPU;
}

/** A name and not a literal, so that bundlers leave the package where it is. */
const packageName: string = "webgpu";

/**
 * Timestamps as the device has them, which Dawn rounds to 65.5 µs for the sake of web pages, and workgroup memory without the
 * zeros that none of the kernels reads: storing them made SwiftShader's compiler take 20 times as long.
 */
const options = ["disable-dawn-features=timestamp_quantization", "enable-dawn-features=disable_workgroup_init"];

/** Where Debian's and other packages of Chromium, and Chrome, keep SwiftShader's description for the Vulkan loader. */
const softwareDrivers = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

const install =
  "install a GPU driver with Vulkan, or SwiftShader, which runs on the processor: on Debian apt-get install chromium libvulkan1";

/** GPU objects that were made: Dawn ends the process when one is collected while its devices still work. */
const held: Map<DawnPackage, GPU[]> = new Map();

export interface NodeGpuSettings {
  /** Instead of the package: its module, or a failure to load it. */
  readonly load?: () => Promise<unknown>;
  /** Instead of the known places of SwiftShader's description. */
  readonly drivers?: readonly string[];
}

/** Dawn's GPU object with an adapter behind it, or why there is none. */
export async function findNodeGpu(settings: NodeGpuSettings = {}): Promise<FoundGpu> {
  const load = settings.load ?? (() => import(packageName));
  let dawn: DawnPackage;
  try {
    dawn = (await load()) as DawnPackage;
  } catch (error) {
    return { gpu: null, reason: loadFailure(error) };
  }
  const gpu = held.get(dawn)?.[0] ?? created(dawn);
  if ((await gpu.requestAdapter()) !== null) return { gpu, note: noteOf(process.env["VK_ICD_FILENAMES"]) };
  const driver = (settings.drivers ?? softwareDrivers).find((path) => existsSync(path));
  const asked = process.env["VK_ICD_FILENAMES"];
  if (asked !== undefined) return { gpu: null, reason: `Dawn finds no adapter with ${askedDrivers(asked)}` };
  if (driver === undefined) return { gpu: null, reason: `Dawn finds no adapter: ${install}` };
  // The Vulkan loader reads it anew for each GPU object.
  process.env["VK_ICD_FILENAMES"] = driver;
  const software = created(dawn);
  if ((await software.requestAdapter()) !== null) return { gpu: software, note: noteOf(driver) };
  delete process.env["VK_ICD_FILENAMES"];
  return { gpu: null, reason: `Dawn finds no adapter, not even with ${driver}: ${install}` };
}

function created(dawn: DawnPackage): GPU {
  const gpu = dawn.create(options);
  held.set(dawn, [gpu, ...(held.get(dawn) ?? [])]);
  return gpu;
}

function noteOf(driver: string | undefined): string | null {
  return driver === undefined ? null : `driver of ${driver}`;
}

/** @example "VK_ICD_FILENAMES=/none.json, which does not exist: correct or unset it" */
function askedDrivers(value: string): string {
  const missing = value.split(delimiter).filter((path) => !existsSync(path));
  const why =
    missing.length === 0
      ? ""
      : missing[0] === value
        ? ", which does not exist"
        : `, where ${missing[0]} does not exist`;
  return `VK_ICD_FILENAMES=${value}${why}: correct or unset it`;
}

function loadFailure(error: unknown): string {
  const reason = reasonLine(error);
  const missing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
  if (missing && reason.includes(`'${packageName}'`)) {
    return `the package ${packageName} is not installed: npm install ${packageName}`;
  }
  return `the package ${packageName} does not load: ${reason}`;
}
