/** One shared memory as typed arrays; made anew after the memory has grown. */
export interface MemoryView {
  readonly bytes: Uint8Array;
  readonly int8: Int8Array;
  readonly bf16: Uint16Array;
  readonly words: Uint32Array;
  readonly f32: Float32Array;
}

export function memoryView(buffer: ArrayBufferLike): MemoryView {
  return {
    bytes: new Uint8Array(buffer),
    int8: new Int8Array(buffer),
    bf16: new Uint16Array(buffer),
    words: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
  };
}
