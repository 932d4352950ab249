/**
 * The processor that counts while it computes: multiply-adds of matrix products, elementwise operations, elements read and
 * written of each role. Its counts have the cost model's shape, so that the two can be held equal.
 * Every index is checked as well: a kernel that strays outside its tensor fails here instead of reading nothing.
 */

import { activationFunctionFlops } from "../../operations/feed-forward-activation.ts";
import type { Counts } from "../../operations/operation.ts";
import { activationFunction } from "./activation-function.ts";
import type { Arithmetic, Processor, Role, Tensor } from "./processor.ts";

/** Elements of one role moved since the last reset. */
export interface Traffic {
  readonly readElements: number;
  readonly writtenElements: number;
}

/** Work that was done and that docs/counting.md leaves out. */
export interface WorkAside {
  readonly flops: number;
  readonly readElements: number;
}

export interface CountingProcessor extends Processor {
  /** What ran since the last reset, as the cost model counts it: two FLOPs a multiply-add, bytes read and written. */
  counts(): Counts;
  traffic(role: Role): Traffic;
  workAside(): WorkAside;
  reset(): void;
}

/** A fresh counting processor; tensors made by one processor are counted by it alone. */
export function countingProcessor(): CountingProcessor {
  const counted = new CountingArithmetic();
  const aside = new CountingArithmetic();
  const meters = new Map<string, Meter>();
  const meterOf = (role: Role, bytesPerElement: number): Meter => {
    const key = `${role} ${bytesPerElement}`;
    const known = meters.get(key);
    if (known !== undefined) return known;
    const meter: Meter = { role, bytesPerElement, read: 0, written: 0, readAside: 0 };
    meters.set(key, meter);
    return meter;
  };
  const bytes = (role: Role): number => {
    let sum = 0;
    for (const m of meters.values()) if (m.role === role) sum += (m.read + m.written) * m.bytesPerElement;
    return sum;
  };
  const sum = (figure: (meter: Meter) => number): number => [...meters.values()].reduce((s, m) => s + figure(m), 0);
  return {
    arithmetic: counted,
    aside,
    tensor: (role, values, bytesPerElement) => new CountingTensor(values, meterOf(role, bytesPerElement)),
    counts: () => ({
      flops: 2 * counted.multiplyAdds + counted.elementwise,
      matmulFlops: 2 * counted.multiplyAdds,
      weightBytes: bytes("weights"),
      kvBytes: bytes("cache"),
      activationBytes: bytes("activations"),
      linkBytes: 0,
    }),
    traffic: (role) => ({
      readElements: sum((m) => (m.role === role ? m.read : 0)),
      writtenElements: sum((m) => (m.role === role ? m.written : 0)),
    }),
    workAside: () => ({
      flops: 2 * aside.multiplyAdds + aside.elementwise,
      readElements: sum((m) => m.readAside),
    }),
    reset: () => {
      counted.reset();
      aside.reset();
      for (const m of meters.values()) m.read = m.written = m.readAside = 0;
    },
  };
}

/** Counts of all tensors of one role and format. */
interface Meter {
  readonly role: Role;
  readonly bytesPerElement: number;
  read: number;
  written: number;
  readAside: number;
}

class CountingTensor implements Tensor {
  private readonly values: Float64Array;
  private readonly meter: Meter;

  constructor(values: Float64Array, meter: Meter) {
    this.values = values;
    this.meter = meter;
  }

  get length(): number {
    return this.values.length;
  }

  read(index: number): number {
    this.meter.read++;
    return this.at(index);
  }

  readAside(index: number): number {
    this.meter.readAside++;
    return this.at(index);
  }

  write(index: number, value: number): void {
    this.meter.written++;
    this.at(index);
    this.values[index] = value;
  }

  private at(index: number): number {
    const value = this.values[index];
    if (value === undefined) throw new RangeError(`element ${index} of a tensor of ${this.values.length}`);
    return value;
  }
}

class CountingArithmetic implements Arithmetic {
  multiplyAdds = 0;
  elementwise = 0;

  multiplyAdd(a: number, b: number, c: number): number {
    this.multiplyAdds++;
    return a * b + c;
  }

  add(a: number, b: number): number {
    this.elementwise++;
    return a + b;
  }

  subtract(a: number, b: number): number {
    this.elementwise++;
    return a - b;
  }

  multiply(a: number, b: number): number {
    this.elementwise++;
    return a * b;
  }

  divide(a: number, b: number): number {
    this.elementwise++;
    return a / b;
  }

  maximum(a: number, b: number): number {
    this.elementwise++;
    return a > b ? a : b;
  }

  exponential(a: number): number {
    this.elementwise++;
    return Math.exp(a);
  }

  logarithm(a: number): number {
    this.elementwise++;
    return Math.log(a);
  }

  squareRoot(a: number): number {
    this.elementwise++;
    return Math.sqrt(a);
  }

  activation(kind: Parameters<Arithmetic["activation"]>[0], a: number): number {
    this.elementwise += activationFunctionFlops;
    return activationFunction(kind, a);
  }

  reset(): void {
    this.multiplyAdds = 0;
    this.elementwise = 0;
  }
}
