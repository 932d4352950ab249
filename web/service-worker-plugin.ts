/**
 * Writes service-worker.js beside the built page: it keeps exactly the files of this build under a name made of their contents, answers
 * from them, and throws away those of earlier builds.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export function serviceWorker(): Plugin {
  let publicFolder = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved(config) {
      publicFolder = config.publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const hash = createHash("sha256");
        const files = ["./"];
        for (const [name, file] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
          if (name.startsWith(".vite/")) continue;
          hash.update(name).update(file.type === "chunk" ? file.code : file.source);
          files.push(`./${name}`);
        }
        for (const name of readdirSync(publicFolder).sort()) {
          hash.update(name).update(readFileSync(join(publicFolder, name)));
          files.push(`./${name}`);
        }
        const cache = `ridgepoint-${hash.digest("hex").slice(0, 16)}`;
        this.emitFile({ type: "asset", fileName: "service-worker.js", source: workerText(cache, files) });
      },
    },
  };
}

function workerText(cache: string, files: readonly string[]): string {
  return `// Keeps the page for use without a network; written by web/service-worker-plugin.ts.
const cacheName = ${JSON.stringify(cache)};
const files = ${JSON.stringify(files)};
const prefix = "ridgepoint-";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(prefix) && name !== cacheName;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

// Pages come from the network first, so that a new build is seen; what they load has its content in its name.
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  const kept = () => caches.match(request, { ignoreSearch: true });
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await kept()) ?? (await caches.match("./")) ?? Response.error()));
  } else {
    event.respondWith(kept().then((response) => response ?? fetch(request)));
  }
});
`;
}
