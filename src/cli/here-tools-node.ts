/** What `ridgepoint validate --here` measures with on this machine. */
import { describeMachine } from "../files/describe-machine.ts";
import { watchOtherPrograms } from "../files/processor-share.ts";
import { systemClock } from "../files/system-clock.ts";
import { backendNamed } from "./backend-named.ts";
import type { HereTools } from "./measured-here.ts";
import { version } from "./version.ts";

export const hereTools: HereTools = {
  backend: (threads) => backendNamed("wasm", threads),
  clock: systemClock,
  machine: () => describeMachine({ version }),
  otherPrograms: () => watchOtherPrograms(),
};
