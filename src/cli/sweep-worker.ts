/** A worker of `ridgepoint sweep`: evaluates the chunks that it is sent and hands back their bytes without copying them. */
import { parentPort, workerData } from "node:worker_threads";
import {
  type SweepChunkAnswer,
  type SweepChunkRequest,
  type SweepWorkerData,
  sweepChunkMaker,
} from "./sweep-results.ts";

const { grid, format } = workerData as SweepWorkerData;
const make = sweepChunkMaker(grid, format);

parentPort?.on("message", ({ chunk, from, to }: SweepChunkRequest) => {
  const result = make(from, to);
  const answer: SweepChunkAnswer = { chunk, result };
  const { content } = result;
  const buffers = content instanceof Uint8Array ? [content.buffer] : [content.codes.buffer, content.numbers.buffer];
  parentPort?.postMessage(answer, buffers as ArrayBuffer[]);
});
