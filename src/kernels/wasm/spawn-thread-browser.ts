/** Threads of the kernels in a browser; the page must be cross-origin isolated, or there is no shared memory. */
import { type SpawnThread, threadScript } from "./kernel-thread.ts";

const prelude = `
const listen = (handler) => { self.onmessage = ({ data }) => handler(data); };
const send = (message) => self.postMessage(message);
`;

export const spawnBrowserThread: SpawnThread = (onReady, onFailure) => {
  const url = URL.createObjectURL(new Blob([prelude + threadScript], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = () => {
    URL.revokeObjectURL(url);
    onReady();
  };
  worker.onerror = ({ message }) => onFailure(message);
  return {
    post: (message) => worker.postMessage(message),
    keepAlive: () => {},
    end: async () => worker.terminate(),
  };
};
