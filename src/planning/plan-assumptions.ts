/** What a plan takes for granted, one sentence each, with the figures that it took. */
import { formatBandwidth } from "../quantity/format-quantity.ts";
import type { Candidate } from "./candidate.ts";
import { nodeDevices } from "./layout.ts";
import type { PlanQuestion } from "./plan-question.ts";

/** Gaps that vary less differ by the clock's rounding. */
const evenGaps = 0.001;

export function planAssumptions(question: PlanQuestion, best: Candidate | null): string[] {
  const { load, workload, limits, cachedPromptShare, speculation } = question;
  const said: string[] = [];
  if (load.kind === "rate") {
    const cv = Math.sqrt(workload.arrivalVariation);
    const how =
      cv === 1
        ? "by a Poisson process"
        : cv < evenGaps
          ? "in even gaps"
          : `with gaps whose deviation is ${Number(cv.toPrecision(3))} of their mean`;
    said.push(
      `requests arrive ${how}; replicas share them evenly and are loaded to ${percent(limits.utilization)} of what they sustain at most`,
    );
  } else {
    said.push("each user has one request in flight and sends the next one when it is answered");
  }
  if (!workload.input.isFixed || !workload.output.isFixed)
    said.push("lengths of prompt and answer are independent of each other");
  if (cachedPromptShare > 0) {
    said.push(
      `${percent(cachedPromptShare)} of each prompt is found computed; its cache takes room for every request all the same`,
    );
  }
  if (speculation !== null) {
    const who = speculation.draft === null ? "a head of one layer" : speculation.draft.name;
    said.push(
      `${speculation.tokens} tokens a step are drafted by ${who}, each right with probability ${speculation.acceptance} whatever the ones before`,
    );
  }
  if (best === null) return said;
  const { machine, planned } = best;
  const { hardware } = machine;
  const inNode = nodeDevices(hardware, limits);
  const between = limits.nodeLinkBytesPerSecond ?? hardware.node?.link?.bytesPerSecond ?? null;
  const links =
    between === null ? "no link between nodes is known" : `${formatBandwidth(between)} a device between nodes`;
  said.push(`${inNode} ${inNode === 1 ? "device" : "devices"} a node; ${links}`);
  said.push(`memory beside weights and caches: ${planned.engine.memory.source}`);
  if (machine.pricePerHour !== null) {
    const owned = machine.ownedDevices > 0 ? `; ${machine.ownedDevices} are owned and cost nothing more` : "";
    said.push(`a device costs ${machine.pricePerHour} USD/h${owned}`);
  } else said.push(`no price of ${hardware.id} is known (--price ${hardware.id}=2.50): fleets are ranked by devices`);
  if (hardware.powerWatts !== null)
    said.push(
      `power is the devices' rated ${hardware.powerWatts} W, the most that they draw; hosts and cooling come on top`,
    );
  if (best.intervals.tpotSeconds !== null)
    if (planned.engine.bands !== null)
      said.push("intervals hold 90 % of mean times of runs that no fit saw; they say nothing of chance within a run");
  return said;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
