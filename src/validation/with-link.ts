/** A machine with some link: counting bytes needs none, and a missing one must not stop it. */
import type { Hardware } from "../hardware/hardware.ts";

export function withLink(hardware: Hardware): Hardware {
  return { ...hardware, link: hardware.link ?? { name: "none", bytesPerSecond: 1 } };
}
