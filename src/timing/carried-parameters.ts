/**
 * Parameters of a fitted kernel as they hold in a step on another machine. They are carried unchanged, since they are shares of
 * ceilings and start-ups, but where it is known that other code runs there:
 *   FlashAttention 3 needs Hopper's copy engine; elsewhere FlashAttention 2 runs (decode-attention-kernels.ts)
 *   a kernel that the host launched one by one when it was timed waits for no host inside a graph
 *   a prefill's cache write, where it was timed together with its attention, is an operation of its own in a step
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { Calibration, FittedKernel } from "./calibration.ts";
import type { ExecutionProfile } from "./execution-profile.ts";
import { asFlashAttention2 } from "./kernels/decode-attention-kernels.ts";
import { kernelForms } from "./kernels/registry.ts";

const flashAttention3 = /(^|_)fa3$/;
const hopper = /\b(G?H100|H200|GH200|H800|H20)\b/;
/** Parameters of what a step counts as another operation: prefill-attention.ts's cache write. */
const ofOthers: ReadonlySet<string> = new Set(["appendTraffic", "tokenSeconds"]);
/** What copying a group's queries takes where no small kernel was measured. */
const usualSmallKernelSeconds = 3e-6;

export function carriedParameters(
  fitted: FittedKernel,
  hardware: Hardware,
  calibration: Calibration,
  launch: ExecutionProfile["launch"],
): Float64Array {
  let parameters: Float64Array = Float64Array.from(fitted.parameters);
  if (fitted.kind === "decode-attention" && flashAttention3.test(fitted.kernel) && !hopper.test(hardware.name)) {
    const small = calibration.kernels.find(({ kind }) => kind === "small-kernel")?.parameters[0];
    parameters = asFlashAttention2(parameters, small ?? usualSmallKernelSeconds);
  }
  if (launch === "alone") return parameters;
  kernelForms[fitted.kind].parameters.forEach(({ name, lowest }, i) => {
    if (ofOthers.has(name) || (name === "hostSeconds" && launch !== "eager")) parameters[i] = lowest;
  });
  return parameters;
}
