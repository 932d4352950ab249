/** Threads of the kernels in Node. */
import { Worker } from "node:worker_threads";
import { type SpawnThread, threadScript } from "./kernel-thread.ts";

const prelude = `
const { parentPort } = require("node:worker_threads");
const listen = (handler) => parentPort.on("message", handler);
const send = (message) => parentPort.postMessage(message);
`;

export const spawnNodeThread: SpawnThread = (onReady, onFailure) => {
  const worker = new Worker(prelude + threadScript, { eval: true });
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
