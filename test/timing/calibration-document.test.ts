/** docs/calibration.md lists every parameter of every form. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { kernelForms } from "../../src/timing/kernels/registry.ts";

const document = readFileSync(join(import.meta.dirname, "..", "..", "docs", "calibration.md"), "utf8");

it.each(Object.entries(kernelForms))(
  "docs/calibration.md has the parameters of %s and what they mean, no other",
  (kind, { parameters }) => {
    const [, own = ""] = document.split(`| **${kind}** | | |\n`);
    const lines = own.split("\n").slice(0, parameters.length + 1);
    parameters.forEach(({ name, meaning }, i) => {
      expect(lines[i]).toContain(`| \`${name}\` | ${meaning} | `);
    });
    expect(lines[parameters.length]).not.toMatch(/^\| `/);
  },
);
