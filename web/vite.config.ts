/** How the page is served and built: the library from its source, under the names that packages import it by. */
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { serviceWorker } from "./service-worker-plugin.ts";

const source = join(import.meta.dirname, "..", "src");

/** Vite's own scripts and styles in development are inline, which the page's policy forbids. */
const policyOnlyBuilt: Plugin = {
  name: "policy-only-built",
  apply: "serve",
  transformIndexHtml: (html) => html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the page may lie in any folder of a site.
  base: "./",
  plugins: [policyOnlyBuilt, serviceWorker()],
  resolve: {
    alias: [
      { find: /^ridgepoint$/, replacement: join(source, "index.ts") },
      { find: /^ridgepoint\/(planning|profiles|drawing|measuring)$/, replacement: join(source, "$1.ts") },
    ],
  },
  build: {
    target: "es2022",
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
  },
});
