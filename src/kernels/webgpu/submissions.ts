/**
 * Which dispatches go into a command buffer together: a program's own in one, so that a whole decode step is one submission, and
 * short programs gathered, so that starting them costs little. What a queue holds at a time stays bounded.
 */

/** Dispatches up to which programs are gathered, and of a single program's command buffer. */
const gathered = 256;
const most = 4096;

export function submissionsOf<T>(programs: readonly (readonly T[])[]): T[][] {
  const submissions: T[][] = [];
  let open: T[] = [];
  const close = (): void => {
    if (open.length > 0) submissions.push(open);
    open = [];
  };
  for (const program of programs) {
    if (open.length + program.length > gathered) close();
    for (const dispatch of program) {
      open.push(dispatch);
      if (open.length === most) close();
    }
  }
  close();
  return submissions;
}
