/** `ridgepoint notebook` and `notebook new`: what is written, what is refused, and from where the library is imported. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notebook } from "../../src/cli/commands/notebook.ts";
import { notebookNew } from "../../src/cli/commands/notebook-new.ts";
import { notebookLibrary } from "../../src/cli/notebook-library.ts";
import * as library from "../../src/notebook.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "notebook-new-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const root = join(import.meta.dirname, "..", "..");

interface Cell {
  readonly cell_type: string;
  readonly id: string;
  readonly source: readonly string[];
}

function cellsOf(path: string): Cell[] {
  return JSON.parse(readFileSync(path, "utf8")).cells;
}

describe("notebook new", () => {
  it("writes a question first, a chart, and the answer last, with the kernel of Deno", async () => {
    const path = join(folder, "long-contexts.ipynb");
    const { code, stdout } = await runCommand(notebookNew, [join(folder, "long-contexts")]);
    expect([code, stdout]).toEqual([0, `wrote ${path}\n`]);
    const cells = cellsOf(path);
    expect(cells[0]?.source.join("")).toMatch(/^# long contexts\n\n\*\*Question\.\*\*/);
    expect(cells.map(({ source }) => source.join("")).join("\n")).toContain("await display(");
    expect(cells.at(-2)?.source.join("")).toBe("## Answer");
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    expect(JSON.parse(readFileSync(path, "utf8")).metadata.kernelspec.name).toBe("deno");
  });

  it("imports names that the library has, and the model and the machine that were asked for", async () => {
    await runCommand(notebookNew, [join(folder, "a.ipynb"), "--model", "qwen3-8b", "--hardware", "mi300x"]);
    const setup = cellsOf(join(folder, "a.ipynb"))[1]?.source.join("") ?? "";
    const names =
      /import \{([^}]*)\}/
        .exec(setup)?.[1]
        ?.split(",")
        .map((name) => name.trim()) ?? [];
    expect(names.filter((name) => name !== "").length).toBeGreaterThan(5);
    for (const name of names.filter((each) => each !== "")) expect(Object.keys(library)).toContain(name);
    expect(setup).toContain(`from "${pathToFileURL(join(root, "dist", "notebook.js")).href}"`);
    expect(setup).toContain('loadModel("qwen3-8b")');
    expect(setup).toContain('loadHardware("mi300x")');
  });

  it("makes missing folders, and never writes over what is there, be it a file, a folder or a link to nothing", async () => {
    expect((await runCommand(notebookNew, [join(folder, "deep", "er", "a")])).code).toBe(0);
    writeFileSync(join(folder, "there.ipynb"), "mine");
    mkdirSync(join(folder, "folder.ipynb"));
    symlinkSync("nowhere", join(folder, "link.ipynb"));
    for (const name of ["there", "there.ipynb", "folder", "link"]) {
      await expect(runCommand(notebookNew, [join(folder, name)])).rejects.toThrow(
        /^invalid name: .* \(is there already/,
      );
    }
    expect(readFileSync(join(folder, "there.ipynb"), "utf8")).toBe("mine");
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });

  it.each(["", " ", ".", "..", "a/", ".ipynb/", "a\u001b[2J"])("refuses %j as a name", async (name) => {
    await expect(runCommand(notebookNew, [name])).rejects.toThrow(/^invalid name: /);
  });

  it("takes a title for text", async () => {
    await runCommand(notebookNew, [join(folder, "<b>x<b>")]);
    expect(cellsOf(join(folder, "<b>x<b>.ipynb"))[0]?.source[0]).toBe("# &#60;b&#62;x&#60;b&#62;\n");
  });

  it("writes nothing where the model or the machine is unknown", async () => {
    for (const words of [
      ["--model", "lama-3.1-8b"],
      ["--hardware", "h100-sxn"],
    ]) {
      await expect(runCommand(notebookNew, [join(folder, "a"), ...words])).rejects.toThrow(/did you mean/);
    }
    expect(existsSync(join(folder, "a.ipynb"))).toBe(false);
  });
});

describe("notebookLibrary", () => {
  const installed = join("/srv", "project", "node_modules", "ridgepoint");

  it.each([
    ["/home/ann/tree/notebooks", "/home/ann/tree", "../dist/notebook.js"],
    ["/home/ann/tree", "/home/ann/tree", "./dist/notebook.js"],
    ["/srv/project", installed, "./node_modules/ridgepoint/dist/notebook.js"],
    ["/srv/project/studies", installed, "../node_modules/ridgepoint/dist/notebook.js"],
    ["/srv/other", installed, "file:///srv/project/node_modules/ridgepoint/dist/notebook.js"],
    ["/srv", installed, "file:///srv/project/node_modules/ridgepoint/dist/notebook.js"],
    ["/home/ann", "/usr/lib/node_modules/ridgepoint", "file:///usr/lib/node_modules/ridgepoint/dist/notebook.js"],
  ])("from %s, the package at %s, is %s", (from, package_, expected) => {
    expect(notebookLibrary(from, package_)).toBe(expected);
  });

  it("finds the package that this program belongs to", () => {
    expect(notebookLibrary(join(root, "notebooks"))).toBe("../dist/notebook.js");
  });
});

describe("notebook alone", () => {
  it("says what to install, what to type and what to import", async () => {
    const { code, stdout } = await runCommand(notebook, []);
    expect(code).toBe(0);
    for (const text of ["deno jupyter --install", "ridgepoint notebook new", "dist/notebook.js"]) {
      expect(stdout).toContain(text);
    }
  });
});
