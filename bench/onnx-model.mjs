/** ONNX models of one operator, as the bytes of their protobuf message (field numbers: onnx.proto). */

const float = 1;

/**
 * @param {{ op: string, domain?: string, version: number, attributes?: Record<string, number>, inputs: Value[], outputs: Value[], constants?: Constant[] }} model
 * @typedef {{ name: string, shape: number[], type?: number }} Value an input or output; type 1 is float32, 6 int32
 * @typedef {{ name: string, shape: number[], values: Float32Array }} Constant
 */
export function onnxModel({ op, domain = "", version, attributes = {}, inputs, outputs, constants = [] }) {
  const node = [
    ...inputs.map(({ name }) => text(1, name)),
    ...constants.map(({ name }) => text(1, name)),
    ...outputs.map(({ name }) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, i]) => message(5, [text(1, name), number(3, i), number(20, 2)])),
    text(7, domain),
  ];
  const graph = [
    message(1, node),
    text(2, op),
    ...constants.map(constant),
    ...inputs.map((value) => message(11, described(value))),
    ...outputs.map((value) => message(12, described(value))),
  ];
  const imports = [domain, ""].filter((name, i, all) => all.indexOf(name) === i);
  const sets = imports.map((name) => message(8, [text(1, name), number(2, name === domain ? version : 17)]));
  return Buffer.concat([number(1, 8), message(7, graph), ...sets]);
}

function constant({ name, shape, values }) {
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return message(5, [...shape.map((d) => number(1, d)), number(2, float), text(8, name), bytes(9, raw)]);
}

function described({ name, shape, type = float }) {
  const dimensions = shape.map((d) => message(1, [number(1, d)]));
  return [text(1, name), message(2, [message(1, [number(1, type), message(2, dimensions)])])];
}

function varint(value) {
  const out = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return Buffer.from([...out, rest]);
}

const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, value) => Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
const text = (field, value) => bytes(field, Buffer.from(value));
const message = (field, parts) => bytes(field, Buffer.concat(parts));
