// linear of 30 rows over f32: 2 × 1 × 1 workgroups
@group(0) @binding(0) var<storage, read> inputs: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> outputs: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
fn widened(quad: vec4<f32>) -> vec4<f32> { return quad; }
fn input_quad(token: u32, quad: u32) -> vec4<f32> { return inputs[token * 64u + quad]; }
var<workgroup> inputTile: array<f32, 528>;
var<workgroup> weightTile: array<f32, 528>;
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>) {
  let group = workgroup.y * workgroups.x + workgroup.x;
  if (group >= 2u) { return; }
  let firstToken = (group % 1u) * 32u;
  let first = (group / 1u) * 32u;
  let x = thread % 16u;
  let y = thread / 16u;
  var sum0 = 0.0;
  var sum1 = 0.0;
  var sum2 = 0.0;
  var sum3 = 0.0;
  for (var begin = 0u; begin < 64u; begin += 4u) {
    for (var i = thread; i < 128u; i += 256u) {
      let row = i / 4u;
      let quad = i % 4u;
      var loaded = vec4<f32>();
      if (begin + quad < 64u) { loaded = input_quad(min(firstToken + row, 29u), begin + quad); }
      inputTile[(quad * 4u + 0u) * 33u + row] = loaded[0];
      inputTile[(quad * 4u + 1u) * 33u + row] = loaded[1];
      inputTile[(quad * 4u + 2u) * 33u + row] = loaded[2];
      inputTile[(quad * 4u + 3u) * 33u + row] = loaded[3];
    }
    for (var i = thread; i < 128u; i += 256u) {
      let row = i / 4u;
      let quad = i % 4u;
      var loaded = vec4<f32>();
      if (begin + quad < 64u) { loaded = widened(weights[min(first + row, 39u) * 64u + begin + quad]); }
      weightTile[(quad * 4u + 0u) * 33u + row] = loaded[0];
      weightTile[(quad * 4u + 1u) * 33u + row] = loaded[1];
      weightTile[(quad * 4u + 2u) * 33u + row] = loaded[2];
      weightTile[(quad * 4u + 3u) * 33u + row] = loaded[3];
    }
    workgroupBarrier();
    for (var i = 0u; i < 16u; i++) {
      let input0 = inputTile[i * 33u + y + 0u];
      let input1 = inputTile[i * 33u + y + 16u];
      let weight0 = weightTile[i * 33u + x + 0u];
      let weight1 = weightTile[i * 33u + x + 16u];
      sum0 += input0 * weight0;
      sum1 += input0 * weight1;
      sum2 += input1 * weight0;
      sum3 += input1 * weight1;
    }
    workgroupBarrier();
  }
  let token0 = firstToken + y + 0u;
  let row0 = first + x + 0u;
  if (token0 < 30u && row0 < 40u) {
    outputs[token0 * 40u + 0u + row0] = sum0 + bias[0u + row0];
  }
  let token1 = firstToken + y + 0u;
  let row1 = first + x + 16u;
  if (token1 < 30u && row1 < 40u) {
    outputs[token1 * 40u + 0u + row1] = sum1 + bias[0u + row1];
  }
  let token2 = firstToken + y + 16u;
  let row2 = first + x + 0u;
  if (token2 < 30u && row2 < 40u) {
    outputs[token2 * 40u + 0u + row2] = sum2 + bias[0u + row2];
  }
  let token3 = firstToken + y + 16u;
  let row3 = first + x + 16u;
  if (token3 < 30u && row3 < 40u) {
    outputs[token3 * 40u + 0u + row3] = sum3 + bias[0u + row3];
  }
}
