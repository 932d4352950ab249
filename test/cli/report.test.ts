import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { report } from "../../src/cli/commands/report.ts";
import { commands } from "../../src/cli/registry.ts";
import { builtinCatalog, writePages } from "../../src/cli/write-report.ts";
import { reportPages } from "../../src/reporting/report-pages.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-report-"));
  await runCommand(report, ["--out", join(folder, "one")]);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("ridgepoint report", () => {
  it("changes no byte in a second run, writes README.md last of six pages, and stays below 4 MB", async () => {
    const { code, stdout } = await runCommand(report, ["--out", join(folder, "two")]);
    expect(code).toBe(0);
    const pages = stdout.split("\n").filter((line) => line.endsWith(".md"));
    expect(pages).toHaveLength(6);
    expect(pages.at(-1)).toBe(join(folder, "two", "README.md"));
    const first = await filesBelow(join(folder, "one"));
    expect(await filesBelow(join(folder, "two"))).toEqual(first);
    expect(stdout).toContain(`${first.length} files written`);
    let bytes = 0;
    for (const name of first) {
      const [a, b] = await Promise.all(["one", "two"].map((each) => readFile(join(folder, each, name))));
      expect(b?.equals(a as Buffer), name).toBe(true);
      bytes += a?.length ?? 0;
    }
    expect(bytes).toBeLessThan(4e6);
  }, 120_000);

  it("prints commands that draw exactly the pictures shown, or print the time or the fleet that the page shows", async () => {
    const counts = { pictures: 0, times: 0, misses: 0, fleets: 0 };
    for (const name of (await readdir(join(folder, "one"))).filter((each) => each.endsWith(".md"))) {
      const page = await readFile(join(folder, "one", name), "utf8");
      for (const line of commandLines(page)) {
        // Prints what the same line with a chart prints.
        if (page.includes(`${line} --chart-kind`)) continue;
        // Pictures of the accuracy's own run, and of the reader's own machine.
        if (/^ridgepoint (report|measure|validate) /.test(line)) continue;
        const picture = /--(?:out|chart) (\S+)\.svg$/.exec(line)?.[1];
        const path = join(folder, `${picture}.svg`);
        const { code, stdout } = await runLine(line.replace(/(--(?:out|chart)) \S+$/, `$1 ${path}`));
        const fleet = name === "planning.md" ? /^(.+) on (\S+): \d+ device/m.exec(stdout) : null;
        if (fleet !== null) {
          counts.fleets++;
          expect(page, line).toContain(`**${fleet[1]}** on ${fleet[2]}: `);
        }
        expect(code, line).toBe(name === "planning.md" && fleet === null ? 3 : 0);
        if (picture === undefined && code === 3) {
          counts.misses++;
          expect(page, line).toContain("**Nothing fits**");
        } else if (picture === undefined) {
          counts.times++;
          expect(page, line).toContain(`| ${/^time +(\S+ \S+),/m.exec(stdout)?.[1]} |`);
        } else {
          counts.pictures++;
          const shown = await readFile(join(folder, "one", "charts", `${picture}.light.svg`), "utf8");
          expect(await readFile(path, "utf8"), line).toBe(shown);
        }
      }
    }
    expect(counts.pictures).toBeGreaterThan(30);
    expect(counts).toMatchObject({ times: 2, misses: 1, fleets: 14 });
  }, 240_000);

  it("links to nothing that is not there", async () => {
    for (const name of (await readdir(join(folder, "one"))).filter((each) => each.endsWith(".md"))) {
      const text = await readFile(join(folder, "one", name), "utf8");
      for (const [, target] of text.matchAll(/(?:\]\(|src="|srcset=")([^)"#]+)/g)) {
        if (target === undefined || /^https?:|^\.\.\//.test(target)) continue;
        // Accuracy has a run of its own, whose pages are those of the repository.
        const place = target.startsWith("accuracy/") ? "reports" : join(folder, "one");
        expect((await stat(join(place, target))).isFile(), `${name}: ${target}`).toBe(true);
      }
    }
  });

  it("fails where the folder cannot be made", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(runCommand(report, ["--out", join(file, "reports")])).rejects.toThrow(/^cannot make the folder/);
  });

  it("writes no page where what it shows cannot be written", async () => {
    // Stands for a disk that takes no more: nothing can be written below charts/.
    await mkdir(join(folder, "full"));
    await writeFile(join(folder, "full", "charts"), "");
    const { signal } = new AbortController();
    const pages = reportPages(builtinCatalog);
    await expect(writePages(pages, join(folder, "full"), signal)).rejects.toThrow(/^cannot make the folder/);
    expect((await filesBelow(join(folder, "full"))).filter((name) => name.endsWith(".md"))).toEqual([]);
  }, 120_000);

  it("refuses a folder without a name", async () => {
    await expect(runCommand(report, ["--out", ""])).rejects.toThrow(/^invalid out/);
  });
});

describe("README.md", () => {
  it("names every command", async () => {
    const text = await readFile("README.md", "utf8");
    for (const { name } of commands) expect(text).toContain(`\`${name}\``);
  });

  it("prints commands that work", async () => {
    const lines = commandLines(await readFile("README.md", "utf8"));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const plain = line.replace(/ *[>#].*$/, "").replace(/--out (\S+)$/, `--out ${join(folder, "$1")}`);
      expect((await runLine(plain)).code, line).toBe(0);
    }
  }, 30_000);

  it("has an example of the library that runs", async () => {
    const text = await readFile("README.md", "utf8");
    const example = /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
    const [, names, body] = /^import \{([^}]*)\} from "ridgepoint\/node";\n([\s\S]*)$/.exec(example) ?? [];
    const library: Record<string, unknown> = await import("../../src/node.ts");
    const printed: unknown[][] = [];
    const AsyncFunction = (async () => undefined).constructor as new (
      ...words: string[]
    ) => (...given: unknown[]) => Promise<void>;
    const imported = (names ?? "").split(",").map((name) => name.trim());
    for (const name of imported) expect(library[name], name).toBeTypeOf("function");
    await new AsyncFunction(...imported, "console", body ?? "")(...imported.map((name) => library[name]), {
      log: (...words: unknown[]) => printed.push(words),
    });
    expect(printed.map(([attention]) => attention)).toEqual(["mha", "gqa:8", "mqa"]);
    expect(printed[0]?.[3]).toBe("cache");
  });
});

/** Lines of code blocks that begin with the program's name, with those that go on after a backslash. */
function commandLines(markdown: string): string[] {
  return [...markdown.replaceAll(/ \\\n\s*/g, " ").matchAll(/^ridgepoint .+$/gm)].map(([line]) => line);
}

async function runLine(line: string): Promise<{ code: number; stdout: string }> {
  const [, name, ...words] = line.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
  const entry = commands.find((each) => each.name === name);
  if (entry === undefined) throw new Error(`no command ${name}`);
  return await runCommand(await entry.load(), words);
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}
