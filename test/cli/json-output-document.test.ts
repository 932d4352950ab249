/** docs/json-output.md names every field that a schema has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { publishedSchemas } from "../../src/cli/published-schemas.ts";

const document = readFileSync(join(import.meta.dirname, "..", "..", "docs", "json-output.md"), "utf8");
/** Files that users write are described on pages of their own. */
const outputs = Object.keys(publishedSchemas).filter((name) => !/-profile$|^(sweep-file|plan-request)$/.test(name));

describe("docs/json-output.md", () => {
  it.each(outputs)("has the schema %s and each of its fields", (name) => {
    expect(document).toContain(`\`${name}\``);
    const names = new Set<string>();
    collect(z.toJSONSchema(publishedSchemas[name] as z.ZodType, { io: "input" }), names);
    for (const field of names) expect(document, field).toMatch(new RegExp(`\`(\\w+\\.)?${field}\``));
  });
});

/** Names of all properties, whatever the depth. */
function collect(schema: unknown, into: Set<string>): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") for (const name of Object.keys(value)) into.add(name);
    collect(value, into);
  }
}
