/** Builds everything into dist/: built-in profiles and WebAssembly kernels first, then the bundle and the declarations side by side. */
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildWasm } from "./build-wasm.mjs";
import { bundle } from "./bundle.mjs";
import { writeBuiltins } from "./write-builtins.mjs";

const root = join(import.meta.dirname, "..");
const seconds = () => `${(performance.now() / 1000).toFixed(1)} s`;

try {
  const { devices, models } = await writeBuiltins(root);
  console.log(`built-in profiles: ${devices} devices, ${models} models (${seconds()})`);
  const wasm = await buildWasm(root);
  console.log(`wasm kernels: ${wasm.bytes} bytes, ${wasm.compiled ? "compiled" : "up to date"} (${seconds()})`);
  const [bundled, declared] = await Promise.allSettled([bundle(root), writeDeclarations()]);
  for (const name of bundled.value?.left ?? []) console.log(`left out: dist/${name}.js, whose source does not exist`);
  const failed = [bundled, declared].filter(({ status }) => status === "rejected");
  if (failed.length > 0)
    throw new AggregateError(
      failed.map(({ reason }) => reason),
      failed.map(({ reason }) => reason.message).join("; "),
    );
  console.log(`built dist/ (${seconds()})`);
} catch (error) {
  console.error(`build failed: ${process.env.DEBUG ? error.stack : error.message}`);
  process.exitCode = 1;
}

async function writeDeclarations() {
  await rm(join(root, "dist", "types"), { recursive: true, force: true });
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const child = spawn(process.execPath, [compiler, "-p", "tsconfig.json"], { cwd: root, stdio: "inherit" });
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`tsc exited with ${code}`);
}
