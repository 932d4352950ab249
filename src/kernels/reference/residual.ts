/** The residual addition x + y. Source: He et al. 2016; cost: src/operations/residual.ts. */
import type { Processor, Tensor } from "./processor.ts";

/** out[i] = x[i] + y[i]; `out` may be x. */
export function addResidual(p: Processor, x: Tensor, y: Tensor, out: Tensor): void {
  for (let i = 0; i < x.length; i++) out.write(i, p.arithmetic.add(x.read(i), y.read(i)));
}
