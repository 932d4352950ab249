/** Where a notebook imports the library from: dist/notebook.js of the package that this program belongs to. */
import { readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * A relative path where the notebook lies in the package's own folder or in the project that has it in node_modules, so that both move
 * together; else the address of the file, as of a package that is installed for all.
 * @param folder the notebook's, absolute
 * @example from a checkout's notebooks/: "../dist/notebook.js"; of a global package "file:///usr/lib/node_modules/ridgepoint/dist/notebook.js"
 */
export function notebookLibrary(folder: string, root: string = packageRoot()): string {
  const path = join(root, "dist", "notebook.js");
  const project = root.endsWith(`${sep}${join("node_modules", "ridgepoint")}`) ? dirname(dirname(root)) : root;
  const inProject = relative(project, folder);
  if (inProject === ".." || inProject.startsWith(`..${sep}`) || isOnOtherDrive(inProject))
    return pathToFileURL(path).href;
  const way = relative(folder, path).split(sep).join("/");
  return way.startsWith("../") ? way : `./${way}`;
}

/** From the sources and from any depth of a bundle. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (nameIn(folder) === "ridgepoint") return folder;
    const parent = dirname(folder);
    if (parent === folder) throw new Error("package.json is missing from this installation");
    folder = parent;
  }
}

function nameIn(folder: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly name?: string }).name ?? null;
  } catch {
    return null;
  }
}

function isOnOtherDrive(path: string): boolean {
  return /^[A-Za-z]:/.test(path);
}
