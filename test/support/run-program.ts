/** Runs the built program as a user does, in a process of its own. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

export const program: string = join(import.meta.dirname, "..", "..", "dist", "cli", "ridgepoint.js");

/** Why the tests of the built program are skipped; null where it has been built. */
export const notBuilt: string | null = existsSync(program) ? null : "dist/cli/ridgepoint.js is missing: npm run build";

export interface ProgramRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param words the arguments, each a word */
export function runProgram(words: readonly string[], cwd?: string): ProgramRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { code: status, stdout, stderr };
}

/** A command line in which "ridgepoint" is the built program. */
export function runShell(line: string): ProgramRun {
  const quoted = `'${process.execPath}' '${program}'`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line.replaceAll("ridgepoint ", `${quoted} `)], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}
