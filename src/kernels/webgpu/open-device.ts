/** Opens a device with all that its adapter has: the largest buffers and workgroups, timestamps, subgroups. */
import { DeviceWatch } from "./device-watch.ts";
import type { FindGpu } from "./found-gpu.ts";
import type { GpuTraits } from "./gpu-traits.ts";
import { reasonLine } from "./reason-line.ts";

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly traits: GpuTraits;
  readonly watch: DeviceWatch;
  readonly timestamps: boolean;
  /** The adapter in one line. */
  readonly description: string;
}

export interface DeviceSettings {
  /** False leaves subgroup operations out where the device has them. */
  readonly subgroups?: boolean;
  /** False leaves timestamps out. */
  readonly timestamps?: boolean;
  /** Bytes of a binding where the adapter's are not to be used up: work is then split, or refused, as on a smaller one. */
  readonly bindingBytes?: number;
}

/** Limits that are asked for as high as the adapter has them. */
const limitsWanted = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/** The device, or why there is none. */
export async function openDevice(find: FindGpu, settings: DeviceSettings): Promise<OpenDevice | string> {
  const found = await find();
  if (found.gpu === null) return found.reason;
  const adapter = await found.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) return "WebGPU is here, but no adapter: no GPU with a driver that it can use";
  const wanted = [
    ...(settings.timestamps === false ? [] : (["timestamp-query"] as const)),
    // Kernels number their subgroups, which not every engine with subgroups lets them do.
    ...(settings.subgroups !== false && found.gpu.wgslLanguageFeatures.has("subgroup_id")
      ? (["subgroups"] as const)
      : []),
  ];
  const requiredFeatures = wanted.filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(limitsWanted.map((name) => [name, adapter.limits[name]]));
  try {
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
    const { limits } = device;
    const subgroups = device.features.has("subgroups");
    const timestamps = device.features.has("timestamp-query");
    const traits = {
      subgroups,
      workgroupThreads: Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
      workgroupBytes: limits.maxComputeWorkgroupStorageSize,
      bindingBytes: bindingBytes(limits, settings),
      bindings: limits.maxStorageBuffersPerShaderStage,
      workgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    };
    const description = describe(adapter.info, found.note, subgroups, timestamps);
    return { device, traits, watch: new DeviceWatch(device), timestamps, description };
  } catch (error) {
    return `the adapter gives no device: ${reasonLine(error)}`;
  }
}

/** The largest binding that is whole quads. */
function bindingBytes(limits: GPUSupportedLimits, settings: DeviceSettings): number {
  const asked = settings.bindingBytes ?? Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, asked) / 16) * 16;
}

function describe(info: GPUAdapterInfo, note: string | null, subgroups: boolean, timestamps: boolean): string {
  const names = [info.vendor, info.architecture, info.device, info.description];
  // Drivers leave some names empty, and repeat others.
  const name = [...new Set(names.filter((part) => part !== ""))].join(", ") || "an adapter without a name";
  const software = info.isFallbackAdapter ? ["a software adapter, not a GPU"] : [];
  const features = [...(subgroups ? ["subgroups"] : []), ...(timestamps ? ["timestamps"] : [])];
  return [`WebGPU on ${name}`, ...software, ...features, ...(note === null ? [] : [note])].join("; ");
}
