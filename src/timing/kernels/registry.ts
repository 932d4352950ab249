/** The kernel forms by kind of work. */
import type { KernelForm } from "../kernel-form.ts";
import type { FormKind } from "../operation-call.ts";
import { collective } from "./collective.ts";
import { decodeAttention } from "./decode-attention.ts";
import { linear } from "./linear.ts";
import { mixtureOfExperts } from "./mixture-of-experts.ts";
import { quantizedLinear } from "./quantized-linear.ts";
import { smallKernel } from "./small-kernel.ts";

export const kernelForms: Readonly<Record<FormKind, KernelForm<never>>> = {
  linear,
  "quantized-linear": quantizedLinear,
  collective,
  "decode-attention": decodeAttention,
  "mixture-of-experts": mixtureOfExperts,
  "small-kernel": smallKernel,
} as unknown as Readonly<Record<FormKind, KernelForm<never>>>;
