// attention over bf16: 10 × 1 × 1 workgroups
@group(0) @binding(0) var<storage, read> queries: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> keys: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> values: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> tasks: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> outputs: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> statistics: array<vec2<f32>>;
fn widened(quad: vec2<u32>) -> vec4<f32> { return bitcast<vec4<f32>>(vec4<u32>(quad.x << 16u, quad.x & 0xffff0000u, quad.y << 16u, quad.y & 0xffff0000u)); }
var<workgroup> tile: array<vec4<f32>, 544>;
var<workgroup> logits: array<f32, 128>;
var<workgroup> weights: array<f32, 128>;
var<workgroup> maxima: array<f32, 4>;
var<workgroup> raised: array<f32, 4>;
var<workgroup> factors: array<f32, 4>;
fn visible(query: u32, context: u32) -> vec2<u32> {
  let position = context - 1u + query / 4u;
  return vec2<u32>(0u, position + 1u);
}
@compute @workgroup_size(128)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>) {
  let group = workgroup.y * workgroups.x + workgroup.x;
  if (group >= 10u) { return; }
  let task = group / 1u;
  let block = (group % 1u) * 4u;
  let rows = tasks[2u * task];
  let place = tasks[2u * task + 1u];
  let end = rows.z;
  let context = rows.w;
  let row = thread % 32u;
  let slot = thread / 32u;
  let quad = thread % 16u;
  let outputSlot = (thread / 16u) % 4u;
  let rowPart = thread / 64u;
  for (var query = thread; query < 4u; query += 128u) { maxima[query] = -1.7014118346046923e+38; }
  var output0 = vec4<f32>(); var sum0 = 0.0;
  for (var first = rows.y; first < end; first += 32u) {
    for (var i = thread; i < 512u; i += 128u) {
      let r = i / 16u;
      var loaded = vec4<f32>();
      if (first + r < end) { loaded = widened(keys[(rows.x + first) * 16u + i]); }
      tile[r * 17u + i % 16u] = loaded;
    }
    workgroupBarrier();
    let part = slot / 4u;
    let query0 = min(block + slot % 4u + 0u, 3u);
    let at0 = (place.x + query0 / 4u) * 128u + (place.y * 4u + query0 % 4u) * 16u;
    var logit0 = 0.0;
    for (var d = part * 16u; d < min(part * 16u + 16u, 16u); d++) {
      let key = tile[row * 17u + d];
      logit0 += dot(key, queries[at0 + d]);
    }
    if (slot % 4u + 0u < 4u && part < 1u) {
      let seen0 = visible(query0, context);
      let hidden0 = first + row < seen0.x || first + row >= min(seen0.y, end);
      logits[(slot % 4u + 0u) * 32u + row] = select(logit0 * 0.125, -1.7014118346046923e+38, hidden0);
    }
    workgroupBarrier();
    for (var query = slot; query < 4u; query += 4u) {
      let before = maxima[query];
      var maximum = before;
      for (var r = 0u; r < 32u; r++) { maximum = max(maximum, logits[query * 32u + r]); }
      let logit = logits[query * 32u + row];
      weights[query * 32u + row] = select(exp(logit - maximum), 0.0, logit < -1.0e38);
      if (row == 0u) {
        raised[query] = maximum;
        factors[query] = exp(max(before - maximum, -200.0));
      }
    }
    for (var i = thread; i < 512u; i += 128u) {
      let r = i / 16u;
      var loaded = vec4<f32>();
      if (first + r < end) { loaded = widened(values[(rows.x + first) * 16u + i]); }
      tile[r * 17u + i % 16u] = loaded;
    }
    workgroupBarrier();
    if (rowPart < 2u) {
      let factor0 = factors[min(outputSlot + 0u, 3u)]; output0 *= factor0; sum0 *= factor0;
      for (var r = rowPart; r < 32u; r += 2u) {
        let value = tile[r * 17u + quad];
        let weight0 = weights[min(outputSlot + 0u, 3u) * 32u + r]; output0 += weight0 * value; sum0 += weight0;
      }
    }
    for (var query = thread; query < 4u; query += 128u) { maxima[query] = raised[query]; }
    workgroupBarrier();
  }
  tile[thread] = output0;
  weights[thread] = sum0;
  workgroupBarrier();
  if (rowPart == 0u) {
    for (var part = 1u; part < 2u; part++) {
      output0 += tile[thread + part * 64u];
      sum0 += weights[thread + part * 64u];
    }
  }
  if (rowPart == 0u) {
    let own0 = outputSlot + 0u;
    let query0q = block + own0;
    if (own0 < 4u && query0q < 4u) {
      outputs[(place.z * 4u + query0q) * 16u + quad] = output0;
      if (quad == 0u) { statistics[place.z * 4u + query0q] = vec2<f32>(maxima[own0], sum0); }
    }
  }
}

// attention, spans joined: 8 × 1 × 1 workgroups
@group(0) @binding(0) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> statistics: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> pairs: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> outputs: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> sinks: array<f32>;
var<workgroup> parts: array<f32, 256>;
fn reduced(value: u32) -> f32 { return parts[value * 256u]; }
var<workgroup> joined: array<vec4<f32>, 256>;
var<workgroup> sums: array<f32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>) {
  let group = workgroup.y * workgroups.x + workgroup.x;
  if (group >= 8u) { return; }
  let pair = pairs[group / 4u];
  let query = group % 4u;
  let head = pair.w * 4u + query % 4u;
  var largest = sinks[head];
  for (var i = thread; i < pair.y; i += 256u) {
    largest = max(largest, statistics[(pair.x + i) * 4u + query].x);
  }
workgroupBarrier();
parts[0u + thread] = largest;
workgroupBarrier();
for (var step = 128u; step > 0u; step >>= 1u) {
  if (thread < step) {
    parts[0u + thread] = max(parts[0u + thread], parts[0u + thread + step]);
  }
  workgroupBarrier();
}
  let top = reduced(0u);
  let quad = thread % 16u;
  let part = thread / 16u;
  var output = vec4<f32>();
  var sum = 0.0;
  if (part < 16u) {
    for (var i = part; i < pair.y; i += 16u) {
      let at = (pair.x + i) * 4u + query;
      let factor = exp(max(statistics[at].x - top, -200.0));
      output += factor * partials[at * 16u + quad];
      sum += factor * statistics[at].y;
    }
  }
  joined[thread] = output;
  sums[thread] = sum;
  workgroupBarrier();
  if (part == 0u) {
    for (var i = 1u; i < 16u; i++) {
      output += joined[thread + i * 16u];
      sum += sums[thread + i * 16u];
    }
    sum += exp(max(sinks[head] - top, -200.0));
    outputs[((pair.z + query / 4u) * 8u + head) * 16u + quad] = output / sum;
  }
}
