/**
 * Where the threads of a program meet between kernels. They look for each other for a while before they sleep, since kernels end
 * almost together; the first thread never sleeps here (a browser's main thread may not) but goes back to the host.
 *
 * Memory: 512 arrivals, 576 meetings so far, 640 threads asleep, 704 threads in all.
 */
const arrivals: usize = 512;
const meetings: usize = 576;
const asleep: usize = 640;
const threads: usize = 704;

/** Looks before giving up: about a tenth of a millisecond. */
const looks = 50_000;

let arrived: bool = false;
let before: i32 = 0;
let first: bool = false;

/** Whether all have come; false only for the first thread, which asks again later. */
export function meet(thread: i32): bool {
  if (load<i32>(threads) == 1) return true;
  first = thread == 0;
  if (!arrived) {
    before = atomic.load<i32>(meetings);
    if (atomic.add<i32>(arrivals, 1) == load<i32>(threads) - 1) {
      atomic.store<i32>(arrivals, 0);
      atomic.add<i32>(meetings, 1);
      if (atomic.load<i32>(asleep) > 0) atomic.notify(meetings, load<i32>(threads));
      return true;
    }
    arrived = true;
  }
  while (!seen()) {
    if (first) return false;
    atomic.add<i32>(asleep, 1);
    atomic.wait<i32>(meetings, before, -1);
    atomic.sub<i32>(asleep, 1);
  }
  arrived = false;
  return true;
}

function seen(): bool {
  for (let i = 0; i < looks; i++) if (atomic.load<i32>(meetings) != before) return true;
  return false;
}
