/** The kernel forms by kind of work. */
import type { KernelForm } from "../kernel-form.ts";
import type { FormKind } from "../operation-call.ts";
import { collective } from "./collective.ts";
import { decodeAttention } from "./decode-attention.ts";
import { latentAttention } from "./latent-attention.ts";
import { linear } from "./linear.ts";
import { mixtureOfExperts } from "./mixture-of-experts.ts";
import { prefillAttention } from "./prefill-attention.ts";
import { quantizedLinear } from "./quantized-linear.ts";
import { smallKernel } from "./small-kernel.ts";

/** Each takes the call of its own kind; only operation-call.ts makes those. */
export const kernelForms: Readonly<Record<FormKind, KernelForm<never>>> = {
  linear,
  "quantized-linear": quantizedLinear,
  "decode-attention": decodeAttention,
  "prefill-attention": prefillAttention,
  "latent-attention": latentAttention,
  "mixture-of-experts": mixtureOfExperts,
  "small-kernel": smallKernel,
  collective,
};
