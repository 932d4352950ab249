// linear of 1 row over f32: 10 × 1 × 1 workgroups
@group(0) @binding(0) var<storage, read> inputs: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> outputs: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
fn widened(quad: vec4<f32>) -> vec4<f32> { return quad; }
fn input_quad(token: u32, quad: u32) -> vec4<f32> { return inputs[token * 64u + quad]; }
var<workgroup> parts: array<f32, 256>;
fn reduced(value: u32) -> f32 { return parts[value * 64u]; }
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>) {
  let group = workgroup.y * workgroups.x + workgroup.x;
  if (group >= 10u) { return; }
  let first = group * 4u;
  var sum0 = 0.0;
  var sum1 = 0.0;
  var sum2 = 0.0;
  var sum3 = 0.0;
  for (var i = thread; i < 64u; i += 64u) {
    let weight0 = widened(weights[min(first + 0u, 39u) * 64u + i]);
    let weight1 = widened(weights[min(first + 1u, 39u) * 64u + i]);
    let weight2 = widened(weights[min(first + 2u, 39u) * 64u + i]);
    let weight3 = widened(weights[min(first + 3u, 39u) * 64u + i]);
    let input0 = input_quad(0u, i);
    sum0 += dot(weight0, input0);
    sum1 += dot(weight1, input0);
    sum2 += dot(weight2, input0);
    sum3 += dot(weight3, input0);
  }
workgroupBarrier();
parts[0u + thread] = sum0;
parts[64u + thread] = sum1;
parts[128u + thread] = sum2;
parts[192u + thread] = sum3;
workgroupBarrier();
for (var step = 32u; step > 0u; step >>= 1u) {
  if (thread < step) {
    parts[0u + thread] = parts[0u + thread] + parts[0u + thread + step];
    parts[64u + thread] = parts[64u + thread] + parts[64u + thread + step];
    parts[128u + thread] = parts[128u + thread] + parts[128u + thread + step];
    parts[192u + thread] = parts[192u + thread] + parts[192u + thread + step];
  }
  workgroupBarrier();
}
  if (thread < 4u) {
    let row = first + thread / 1u;
    if (row < 40u) {
      let sum = reduced(thread);
      outputs[(thread % 1u) * 40u + 0u + row] = sum + bias[0u + row];
    }
  }
}
