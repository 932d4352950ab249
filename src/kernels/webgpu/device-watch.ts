/** Holds a device's bad news: once it is lost, all that waits for it and all that asks for it later fails with the reason. */

import { oneLine } from "./reason-line.ts";

export class DeviceWatch {
  private lostBecause: string | null = null;
  private fault: string | null = null;
  private readonly waiting = new Set<(error: Error) => void>();

  constructor(device: GPUDevice) {
    device.lost.then(({ message, reason }) => this.lose(message || reason));
    device.addEventListener("uncapturederror", ({ error }) => {
      this.fault ??= error.message;
    });
  }

  /** The promise's own result unless the device is lost first, or is lost by then, or has reported an error meanwhile. */
  guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.lostBecause !== null) return Promise.reject(lostError(this.lostBecause));
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      const settle = (finish: () => void): void => {
        this.waiting.delete(reject);
        const { lostBecause, fault } = this;
        this.fault = null;
        if (lostBecause !== null) reject(lostError(lostBecause));
        else if (fault !== null) reject(new Error(`the GPU refused work: ${oneLine(fault)}`));
        else finish();
      };
      work().then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  private lose(reason: string): void {
    this.lostBecause = oneLine(reason);
    for (const reject of this.waiting) reject(lostError(this.lostBecause));
    this.waiting.clear();
  }
}

function lostError(reason: string): Error {
  return new Error(`the GPU device was lost: ${reason}`);
}
