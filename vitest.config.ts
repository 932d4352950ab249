import { defineConfig } from "vitest/config";

export default defineConfig({
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
