/** docs/planning.md and README.md show what plan and simulate print; every option and file that they name is there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import type { CliCommand } from "../../src/cli/command.ts";
import { plan } from "../../src/cli/commands/plan.ts";
import { simulate } from "../../src/cli/commands/simulate.ts";
import { runCommand } from "../support/run-command.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const commands: Readonly<Record<string, CliCommand>> = { plan, simulate };

/** A command in a block of its own, and the block below it with lines of what it prints; "…" stands for those left out. */
const shown = ["docs/planning.md", "README.md"].flatMap((page) =>
  [...read(page).matchAll(/```\nridgepoint (plan|simulate) ([^`]*?)\n```\n```\n([^`]*?)\n```/g)].map(
    ([, name = "", line = "", output = ""]) => ({ page, name, line: line.replaceAll("\\\n", " "), output }),
  ),
);

const number = /\d[\d,]*(\.\d+)?/g;
const shapeOf = (line: string): string => line.replace(number, "#").replace(/\s+/g, " ");
const numbersIn = (line: string): number[] =>
  (line.match(number) ?? []).map((text) => Number(text.replaceAll(",", "")));

describe("pages on planning", () => {
  it("show a plan, a miss, a change and a simulation, and the README a plan", () => {
    expect(shown.map(({ page, name }) => `${page} ${name}`)).toEqual([
      ...["docs/planning.md plan", "docs/planning.md plan", "docs/planning.md plan", "docs/planning.md simulate"],
      "README.md plan",
    ]);
  });

  it.each(shown)(
    "$page: $name $line prints the lines shown, each figure within 5 %",
    async ({ name, line, output }) => {
      const { stdout } = await runCommand(commands[name]!, line.split(/\s+/).filter(Boolean));
      const printed = stdout.split("\n");
      for (const each of output.split("\n").filter((text) => text !== "…" && text.trim() !== "")) {
        const alike = printed.filter((text) => shapeOf(text) === shapeOf(each));
        expect(alike, `${each} is not printed`).not.toEqual([]);
        const wanted = numbersIn(each);
        const isNear = alike.some((text) =>
          numbersIn(text).every((value, i) => Math.abs(value - wanted[i]!) <= 0.05 * value),
        );
        expect(isNear, `${each} is printed as\n${alike.join("\n")}`).toBe(true);
      }
    },
  );

  it("name options that there are, and pages and files that there are", () => {
    const options = new Set<string>();
    for (const command of [plan, simulate]) {
      const parser = new Command();
      command.configure(parser);
      for (const { long } of parser.options) options.add(long ?? "");
    }
    for (const page of ["docs/planning.md", "docs/serving.md"]) {
      const text = read(page);
      if (page === "docs/planning.md") {
        for (const [option] of text.matchAll(/--[a-z][a-z-]+/g))
          if (option !== "--json") expect(options, option).toContain(option);
      }
      for (const [, path = ""] of text.matchAll(/`((?:src|test|bench)\/[\w./-]+\.(?:ts|mjs))`/g)) {
        expect(existsSync(join(root, path)), path).toBe(true);
      }
      for (const [, target = ""] of text.matchAll(/\]\(([\w./-]+\.md)(?:#[\w-]+)?\)/g)) {
        expect(existsSync(join(root, "docs", target)), target).toBe(true);
      }
    }
  });

  it("link to headings that there are", () => {
    const headings = (page: string): string[] =>
      [...read(`docs/${page}`).matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
        text
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .trim()
          .replaceAll(" ", "-"),
      );
    for (const [, page = "", anchor = ""] of read("docs/planning.md").matchAll(/\]\(([\w-]+\.md)#([\w-]+)\)/g)) {
      expect(headings(page), `${page}#${anchor}`).toContain(anchor);
    }
  });

  it("lists every field of a device's memory that a plan prints, and every kind of chart", () => {
    const text = read("docs/planning.md");
    for (const part of [
      "weights",
      "cache",
      "free for caches",
      "activations",
      "runtime",
      "collectives",
      "fragmentation",
      "reserve",
    ]) {
      expect(text).toContain(part);
    }
    const parser = new Command();
    plan.configure(parser);
    const kinds = parser.options.find(({ long }) => long === "--chart-kind")!.description.replace(/ \(.*/, "");
    for (const kind of kinds.split(", ")) expect(text.includes(`\`${kind}\``), kind).toBe(true);
  });
});
