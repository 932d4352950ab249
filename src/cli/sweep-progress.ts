/** A progress bar with the time left on stderr, for a terminal whose stdout is not being filled with rows. */

export interface SweepProgress {
  /** Rows done so far. */
  update(rows: number): void;
  /** Takes the bar away and gives the cursor back. */
  stop(): void;
}

export const noProgress: SweepProgress = { update: () => undefined, stop: () => undefined };

export async function sweepProgress(rows: number, what = "rows"): Promise<SweepProgress> {
  return (await progressMaker())(rows, what);
}

/** What makes a bar, its library loaded: for work that fills the thread, so that a bar can begin in the midst of it. */
export async function progressMaker(): Promise<(rows: number, what: string) => SweepProgress> {
  const { default: cliProgress } = await import("cli-progress");
  return (rows, what) => {
    const bar = new cliProgress.SingleBar({
      stream: process.stderr,
      format: `{bar} {percentage}% | {value} of {total} ${what} | {eta_formatted} left`,
      barCompleteChar: "#",
      barIncompleteChar: "-",
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
      fps: 5,
    });
    bar.start(rows, 0);
    return { update: (done) => bar.update(done), stop: () => bar.stop() };
  };
}
