/** The processor that only computes, in float64. */
import { activationFunction } from "./activation-function.ts";
import type { Arithmetic, Processor, Role, Tensor } from "./processor.ts";

const plainArithmetic: Arithmetic = {
  multiplyAdd: (a, b, c) => a * b + c,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: (a, b) => (a > b ? a : b),
  exponential: (a) => Math.exp(a),
  logarithm: (a) => Math.log(a),
  squareRoot: (a) => Math.sqrt(a),
  activation: activationFunction,
};

class PlainTensor implements Tensor {
  private readonly values: Float64Array;

  constructor(values: Float64Array) {
    this.values = values;
  }

  get length(): number {
    return this.values.length;
  }

  read(index: number): number {
    return this.values[index] as number;
  }

  readAside(index: number): number {
    return this.values[index] as number;
  }

  write(index: number, value: number): void {
    this.values[index] = value;
  }
}

export const plainProcessor: Processor = {
  arithmetic: plainArithmetic,
  aside: plainArithmetic,
  tensor: (_role: Role, values: Float64Array): Tensor => new PlainTensor(values),
};
