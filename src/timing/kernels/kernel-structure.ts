/** What is known of a kernel without fitting, whatever its kind: parameters that follow from how it is written. */
import type { FormKind } from "../operation-call.ts";
import { decodeAttentionStructure } from "./decode-attention-kernels.ts";
import { prefillAttentionStructure } from "./prefill-attention-kernels.ts";

/** Values by parameter, which a fit keeps; none for a kernel that nobody here knows. */
export function kernelStructure(kind: FormKind, kernel: string): Readonly<Record<string, number>> {
  if (kind === "decode-attention") return decodeAttentionStructure(kernel);
  return kind === "prefill-attention" ? prefillAttentionStructure(kernel) : {};
}
