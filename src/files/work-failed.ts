/**
 * The one error for work that could not be done though the input was good: a full disk, a folder that cannot be written.
 * The program's exit code is then 1.
 * @example new WorkFailed("write reports/index.md", "no space left").message is "cannot write reports/index.md: no space left"
 */
export class WorkFailed extends Error {
  readonly code = "WORK_FAILED" as const;

  constructor(work: string, reason: string) {
    super(`cannot ${work}: ${reason}`.replace(/\s+/g, " "));
    this.name = "WorkFailed";
  }
}
