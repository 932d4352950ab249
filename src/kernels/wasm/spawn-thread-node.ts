/** Threads of the kernels in Node. */
import { Worker } from "node:worker_threads";
import { type SpawnThread, threadScript } from "./kernel-thread.ts";

// Neither require nor import: the script is a module or not as the program's own flags say (--input-type).
const prelude = `
const { parentPort } = process.getBuiltinModule("node:worker_threads");
const listen = (handler) => parentPort.on("message", handler);
const send = (message) => parentPort.postMessage(message);
`;

/** In a block, since Deno declares `module` around it. */
export const nodeThreadScript: string = `{${prelude}${threadScript}}`;

export const spawnNodeThread: SpawnThread = (onReady, onFailure) => {
  const worker = new Worker(nodeThreadScript, { eval: true });
  worker.on("message", onReady);
  worker.on("error", (error) => onFailure(error instanceof Error ? error.message : String(error)));
  worker.on("exit", () => onFailure("it ended"));
  return {
    post: (message) => worker.postMessage(message),
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
    end: async () => {
      await worker.terminate();
    },
  };
};
