/**
 * Writes schemas/: one JSON Schema for each kind of profile, the sweep file, the plan file and each command's --json, from the zod
 * schemas in dist/schemas.js (src/cli/published-schemas.ts). `npm run schemas`.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const folder = join(root, "schemas");

const { publishedSchemas, toJSONSchema } = await import(pathToFileURL(join(root, "dist", "schemas.js")).href);
await mkdir(folder, { recursive: true });
const names = Object.keys(publishedSchemas).map((name) => `${name}.schema.json`);
for (const [name, schema] of Object.entries(publishedSchemas)) {
  const text = `${JSON.stringify({ title: `ridgepoint ${name}`, ...toJSONSchema(schema, { io: "input" }) }, null, 2)}\n`;
  await writeFile(join(folder, `${name}.schema.json`), text);
}
for (const file of await readdir(folder)) if (!names.includes(file)) await rm(join(folder, file));
console.log(`wrote ${names.length} schemas`);
