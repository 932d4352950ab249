// linear of 1 row over int8: 10 × 1 × 1 workgroups
enable subgroups;
@group(0) @binding(0) var<storage, read> inputs: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> weights: array<u32>;
@group(0) @binding(2) var<storage, read_write> outputs: array<f32>;
@group(0) @binding(3) var<storage, read> scales: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn widened(quad: u32) -> vec4<f32> { return vec4<f32>((vec4<i32>(bitcast<i32>(quad)) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u)); }
fn input_quad(token: u32, quad: u32) -> vec4<f32> { return inputs[token * 64u + quad]; }
var<workgroup> parts: array<f32, 64>;
fn reduced(value: u32, subgroups: u32) -> f32 {
  var all = parts[value * 16u];
  for (var i = 1u; i < subgroups; i++) { all = all + parts[value * 16u + i]; }
  return all;
}
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>, @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) subgroups: u32, @builtin(subgroup_invocation_id) lane: u32) {
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
{
let joined0 = subgroupAdd(sum0);
let joined1 = subgroupAdd(sum1);
let joined2 = subgroupAdd(sum2);
let joined3 = subgroupAdd(sum3);
workgroupBarrier();
if (lane == 0u) {
  parts[0u + subgroup] = joined0;
  parts[16u + subgroup] = joined1;
  parts[32u + subgroup] = joined2;
  parts[48u + subgroup] = joined3;
}
}
workgroupBarrier();
  if (thread < 4u) {
    let row = first + thread / 1u;
    if (row < 40u) {
      let sum = reduced(thread, subgroups);
      outputs[(thread % 1u) * 40u + 0u + row] = sum * scales[row] + bias[0u + row];
    }
  }
}
