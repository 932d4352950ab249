/** Where the host writes what is to be done: 32-bit words at a fixed address, the counter of tasks on a cache line before. */

const counterAddress: usize = 0;
const words: usize = 64;

/** Word `index` of the job. */
// @ts-ignore: decorator
@inline
export function word(index: i32): i32 {
  return load<i32>(words + (<usize>index << 2));
}

/** Word `index` as an address; memories reach 4 GiB, so it has no sign. */
// @ts-ignore: decorator
@inline
export function address(index: i32): usize {
  return load<usize>(words + (<usize>index << 2));
}

/** The next task nobody has taken yet. */
// @ts-ignore: decorator
@inline
export function takeTask(): i32 {
  return atomic.add<i32>(counterAddress, 1);
}

/** Before the threads start. */
export function restartTasks(): void {
  atomic.store<i32>(counterAddress, 0);
}
