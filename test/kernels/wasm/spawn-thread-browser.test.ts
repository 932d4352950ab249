import { afterEach, describe, expect, it, vi } from "vitest";
import { threadScript } from "../../../src/kernels/wasm/kernel-thread.ts";
import { spawnBrowserThread } from "../../../src/kernels/wasm/spawn-thread-browser.ts";

/** What a browser's worker does as far as a thread wants it. */
class BrowserWorker {
  static last: BrowserWorker | null = null;
  onmessage: (() => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  readonly posted: unknown[] = [];
  ended = false;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    BrowserWorker.last = this;
  }

  postMessage(message: unknown): void {
    this.posted.push(message);
  }

  terminate(): void {
    this.ended = true;
  }
}

afterEach(() => vi.unstubAllGlobals());

describe("spawnBrowserThread", () => {
  it("runs the threads' script from a blob, and passes messages, readiness and errors on", async () => {
    const blobs = new Map<string, Blob>();
    vi.stubGlobal("Worker", BrowserWorker);
    vi.stubGlobal("URL", {
      createObjectURL: (blob: Blob) => {
        blobs.set("blob:1", blob);
        return "blob:1";
      },
      revokeObjectURL: (url: string) => blobs.delete(url),
    });
    const heard: string[] = [];
    const thread = spawnBrowserThread(
      () => heard.push("ready"),
      (reason) => heard.push(reason),
    );
    const worker = BrowserWorker.last as BrowserWorker;
    expect(await blobs.get(worker.url)?.text()).toContain(threadScript);
    thread.post({ kind: "drop", id: 3 });
    thread.keepAlive(true);
    expect(worker.posted).toEqual([{ kind: "drop", id: 3 }]);
    worker.onmessage?.();
    worker.onerror?.({ message: "no memory" });
    expect(heard).toEqual(["ready", "no memory"]);
    expect(blobs.size).toBe(0);
    await thread.end();
    expect(worker.ended).toBe(true);
  });
});
