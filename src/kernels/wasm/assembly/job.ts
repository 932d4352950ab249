/**
 * A job: 32-bit words that the host wrote, behind a cache line with the counter of tasks. Which job this thread is at is its own
 * (each thread has an instance, the memory is shared).
 */

let words: usize = 64;

/** Turns to the job whose counter lies at `at`. */
export function turnTo(at: usize): void {
  words = at + 64;
}

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
  return atomic.add<i32>(words - 64, 1);
}

/** Before the threads start. */
export function restartTasks(): void {
  atomic.store<i32>(words - 64, 0);
}

/** First of `count` items that a thread does where `threads` share them; a thread's end is the next one's first. */
// @ts-ignore: decorator
@inline
export function shareOf(count: i32, thread: i32, threads: i32): i32 {
  return <i32>((<i64>count * thread) / threads);
}
