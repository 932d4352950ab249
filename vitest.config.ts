import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // The page imports the library by its names; its tests take the source.
  resolve: {
    alias: [
      { find: /^ridgepoint$/, replacement: join(import.meta.dirname, "src", "index.ts") },
      {
        find: /^ridgepoint\/(planning|profiles|drawing|measuring)$/,
        replacement: join(import.meta.dirname, "src", "$1.ts"),
      },
    ],
  },
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    globalSetup: ["scripts/refresh-builtins.mjs"],
    testTimeout: 20_000,
    coverage: {
      provider: "v8",
      include: ["src/{quantity,architecture,hardware,operations,step,timing,analysis}/**/*.ts"],
      reporter: ["text-summary", "json-summary", "html"],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
