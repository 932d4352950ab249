/**
 * Decode attention over spans of rows, with an online softmax: for each tile of rows, with m the running maximum, l the running
 * sum and o the running output of a query,
 *   s_j = q·k_j / √D,  m' = max(m, s_j),  p_j = e^(s_j − m'),  l' = e^(m − m') l + Σ p_j,  o' = e^(m − m') o + Σ p_j v_j.
 * Nothing is ever exponentiated above 0, so that logits of ±1e4 are safe. A span leaves o, m and l for the combining kernel;
 * where every sequence has one span, o / l is the answer and no second kernel runs.
 * Source: Milakov and Gimelshein 2018 (online softmax); Dao 2023 (splitting over the context).
 */
import type { Reach } from "../../operations/attention-span.ts";
import type { AttentionGeometry } from "./attention-geometry.ts";
import { type GpuFormat, quadType, widenWgsl } from "./stored-quads.ts";
import { unrolled, type WgslBinding, type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

export interface AttentionKernelShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly queryTokens: number;
  readonly reach: Reach;
  readonly format: GpuFormat;
  readonly sinks: boolean;
  /** Quads from one token's queries to the next. */
  readonly queryStride: number;
  /** Workgroups: spans times blocks of queries. */
  readonly workgroups: number;
  /** Every sequence is one span, whose outputs are the answer. */
  readonly whole: boolean;
}

/** Words of a task in the task table: row of the storage that row 0 is, first, end, context, token, K/V head, partial, 0. */
export const taskWords = 8;

/** −2^127 stands for −∞, which WGSL may take to be impossible; an exact sum of equal parts. */
const lowest: number = -(2 ** 127);
/** Below it only what is hidden lies. */
const hiddenBelow = "-1.0e38";

export function attentionKernel(shape: AttentionKernelShape, geometry: AttentionGeometry): WgslKernel {
  const { format, whole, sinks } = shape;
  const scaled = format === "int8";
  const bindings: WgslBinding[] = [
    { name: "queries", access: "read", element: "vec4<f32>" },
    { name: "keys", access: "read", element: quadType(format) },
    { name: "values", access: "read", element: quadType(format) },
    { name: "tasks", access: "read", element: "vec4<u32>" },
    { name: "outputs", access: "read_write", element: "vec4<f32>" },
  ];
  if (!whole) bindings.push({ name: "statistics", access: "read_write", element: "vec2<f32>" });
  if (whole && sinks) bindings.push({ name: "sinks", access: "read", element: "f32" });
  if (scaled) {
    bindings.push({ name: "keyScales", access: "read", element: "f32" });
    bindings.push({ name: "valueScales", access: "read", element: "f32" });
  }
  return wgslKernel({
    name: `attention over ${format}`,
    threads: geometry.threads,
    bindings,
    declarations: declarations(shape, geometry),
    body: body(shape, geometry),
  });
}

function declarations(shape: AttentionKernelShape, g: AttentionGeometry): string {
  const logits = g.queries * g.rows;
  return `${widenWgsl(shape.format)}
var<workgroup> tile: array<vec4<f32>, ${Math.max(g.rows * g.stride, g.threads)}>;
var<workgroup> logits: array<f32, ${logits}>;
var<workgroup> weights: array<f32, ${Math.max(g.logitParts * logits, g.threads)}>;
var<workgroup> maxima: array<f32, ${g.queries}>;
var<workgroup> raised: array<f32, ${g.queries}>;
var<workgroup> factors: array<f32, ${g.queries}>;
${visibleWgsl(shape)}`;
}

/** First row and one past the last that a query sees; queries count head by head, token by token. */
function visibleWgsl({ heads, kvHeads, queryTokens, reach }: AttentionKernelShape): string {
  const first =
    reach.window !== null
      ? `select(0u, position - ${reach.window - 1}u, position >= ${reach.window - 1}u)`
      : reach.chunk !== null
        ? `position - position % ${reach.chunk}u`
        : "0u";
  return `fn visible(query: u32, context: u32) -> vec2<u32> {
  let position = context - ${queryTokens}u + query / ${heads / kvHeads}u;
  return vec2<u32>(${first}, position + 1u);
}`;
}

function body(shape: AttentionKernelShape, g: AttentionGeometry): string {
  return `if (group >= ${shape.workgroups}u) { return; }
  let task = group / ${g.blocks}u;
  let block = (group % ${g.blocks}u) * ${g.queries}u;
  let rows = tasks[2u * task];
  let place = tasks[2u * task + 1u];
  let end = rows.z;
  let context = rows.w;
  let row = thread % ${g.rows}u;
  let slot = thread / ${g.rows}u;
  let quad = thread % ${g.quads}u;
  let outputSlot = (thread / ${g.quads}u) % ${g.outputSlots}u;
  let rowPart = thread / ${g.quads * g.outputSlots}u;
  for (var query = thread; query < ${g.queries}u; query += ${g.threads}u) { maxima[query] = ${lowest}; }
${unrolled(g.outputsPerThread, (i) => `  var output${i} = vec4<f32>(); var sum${i} = 0.0;`)}
  for (var first = rows.y; first < end; first += ${g.rows}u) {
${loadTile(shape, g, "keys")}
    workgroupBarrier();
${logitsOfTile(shape, g)}
    workgroupBarrier();
${weightsOfTile(g)}
${loadTile(shape, g, "values")}
    workgroupBarrier();
${addValues(g)}
    workgroupBarrier();
  }
${finish(shape, g)}`;
}

function loadTile(shape: AttentionKernelShape, g: AttentionGeometry, name: "keys" | "values"): string {
  const scale =
    shape.format === "int8" ? ` * ${name === "keys" ? "keyScales" : "valueScales"}[rows.x + first + r]` : "";
  return `    for (var i = thread; i < ${g.rows * g.quads}u; i += ${g.threads}u) {
      let r = i / ${g.quads}u;
      var loaded = vec4<f32>();
      if (first + r < end) { loaded = widened(${name}[(rows.x + first) * ${g.quads}u + i])${scale}; }
      tile[r * ${g.stride}u + i % ${g.quads}u] = loaded;
    }`;
}

/** Logits of a tile into \`logits\`, by way of \`weights\` where several threads make one. */
function logitsOfTile(shape: AttentionKernelShape, g: AttentionGeometry): string {
  const { heads, kvHeads, headDim, queryStride } = shape;
  const group = heads / kvHeads;
  const scale = 1 / Math.sqrt(headDim);
  const step = g.querySlots;
  const perPart = Math.ceil(g.quads / g.logitParts);
  const query = (i: number): string => `block + slot % ${step}u + ${i * step}u`;
  // Queries beyond the last read those of the last, and leave nothing.
  const offsets = unrolled(
    g.logitsPerThread,
    (i) => `    let query${i} = min(${query(i)}, ${group * shape.queryTokens - 1}u);
    let at${i} = (place.x + query${i} / ${group}u) * ${queryStride}u + (place.y * ${group}u + query${i} % ${group}u) * ${g.quads}u;
    var logit${i} = 0.0;`,
  );
  const target = g.logitParts > 1 ? `weights[part * ${g.queries * g.rows}u + ` : "logits[";
  const stores = unrolled(
    g.logitsPerThread,
    (i) => `    if (slot % ${step}u + ${i * step}u < ${g.queries}u && part < ${g.logitParts}u) {
      let seen${i} = visible(query${i}, context);
      let hidden${i} = first + row < seen${i}.x || first + row >= min(seen${i}.y, end);
      ${target}(slot % ${step}u + ${i * step}u) * ${g.rows}u + row] = select(logit${i} * ${float(scale)}, ${lowest / g.logitParts}, hidden${i});
    }`,
  );
  const joined =
    g.logitParts > 1
      ? `
    workgroupBarrier();
    for (var i = thread; i < ${g.queries * g.rows}u; i += ${g.threads}u) {
      var logit = weights[i];
${unrolled(g.logitParts - 1, (part) => `      logit += weights[${(part + 1) * g.queries * g.rows}u + i];`)}
      logits[i] = logit;
    }`
      : "";
  return `    let part = slot / ${step}u;
${offsets}
    for (var d = part * ${perPart}u; d < min(part * ${perPart}u + ${perPart}u, ${g.quads}u); d++) {
      let key = tile[row * ${g.stride}u + d];
${unrolled(g.logitsPerThread, (i) => `      logit${i} += dot(key, queries[at${i} + d]);`)}
    }
${stores}${joined}`;
}

/** Weights of a tile from its logits, with the new maxima and the factors of what was added up before. */
function weightsOfTile(g: AttentionGeometry): string {
  return `    for (var query = slot; query < ${g.queries}u; query += ${g.threads / g.rows}u) {
      let before = maxima[query];
      var maximum = before;
      for (var r = 0u; r < ${g.rows}u; r++) { maximum = max(maximum, logits[query * ${g.rows}u + r]); }
      let logit = logits[query * ${g.rows}u + row];
      weights[query * ${g.rows}u + row] = select(exp(logit - maximum), 0.0, logit < ${hiddenBelow});
      if (row == 0u) {
        raised[query] = maximum;
        factors[query] = exp(max(before - maximum, -200.0));
      }
    }`;
}

function addValues(g: AttentionGeometry): string {
  const query = (i: number): string => `outputSlot + ${i * g.outputSlots}u`;
  const inside = (i: number): string => `min(${query(i)}, ${g.queries - 1}u)`;
  return `    if (rowPart < ${g.rowParts}u) {
${unrolled(g.outputsPerThread, (i) => `      let factor${i} = factors[${inside(i)}]; output${i} *= factor${i}; sum${i} *= factor${i};`)}
      for (var r = rowPart; r < ${g.rows}u; r += ${g.rowParts}u) {
        let value = tile[r * ${g.stride}u + quad];
${unrolled(g.outputsPerThread, (i) => `        let weight${i} = weights[${inside(i)} * ${g.rows}u + r]; output${i} += weight${i} * value; sum${i} += weight${i};`)}
      }
    }
    for (var query = thread; query < ${g.queries}u; query += ${g.threads}u) { maxima[query] = raised[query]; }`;
}

/** Adds the parts of the rows up and writes outputs and, of a part of the context, maxima and sums. */
function finish(shape: AttentionKernelShape, g: AttentionGeometry): string {
  const { heads, kvHeads, queryTokens, whole, sinks } = shape;
  const group = heads / kvHeads;
  const queries = group * queryTokens;
  const parts =
    g.rowParts > 1
      ? `  tile[thread] = output0;
  weights[thread] = sum0;
  workgroupBarrier();
  if (rowPart == 0u) {
    for (var part = 1u; part < ${g.rowParts}u; part++) {
      output0 += tile[thread + part * ${g.quads * g.outputSlots}u];
      sum0 += weights[thread + part * ${g.quads * g.outputSlots}u];
    }
  }
`
      : "";
  const write = (i: number): string => {
    const head = `place.y * ${group}u + query${i}q % ${group}u`;
    const answer = `((place.x + query${i}q / ${group}u) * ${heads}u + ${head}) * ${g.quads}u + quad`;
    if (!whole) {
      return `outputs[(place.z * ${queries}u + query${i}q) * ${g.quads}u + quad] = output${i};
      if (quad == 0u) { statistics[place.z * ${queries}u + query${i}q] = vec2<f32>(maxima[own${i}], sum${i}); }`;
    }
    if (!sinks) return `outputs[${answer}] = output${i} / sum${i};`;
    return `let sink${i} = sinks[${head}];
      let top${i} = max(maxima[own${i}], sink${i});
      let factor${i} = exp(max(maxima[own${i}] - top${i}, -200.0));
      outputs[${answer}] = output${i} * factor${i} / (sum${i} * factor${i} + exp(max(sink${i} - top${i}, -200.0)));`;
  };
  return `${parts}  if (rowPart == 0u) {
${unrolled(
  g.outputsPerThread,
  (i) => `    let own${i} = outputSlot + ${i * g.outputSlots}u;
    let query${i}q = block + own${i};
    if (own${i} < ${g.queries}u && query${i}q < ${queries}u) {
      ${write(i)}
    }`,
)}
  }`;
}

/** A float literal. */
function float(x: number): string {
  const text = String(Math.fround(x));
  return /[.e]/.test(text) ? text : `${text}.0`;
}
