/** A serving engine's constants on a machine, and how far its predictions may be off there. */
import type { Hardware } from "../hardware/hardware.ts";
import type { Calibration } from "../timing/calibration.ts";
import { carriedDeviation } from "../timing/choose-timing.ts";
import { type ErrorBand, fittedEngine } from "../timing/fitted-engine.ts";
import { type ServingBands, servingBands } from "./serving-bands.ts";
import type { ServingConstants } from "./serving-constants.ts";
import type { ServingProfile } from "./serving-profiles.ts";

/** The machine that the shipped constants were fitted on. */
const fittedMachine = "h100-sxm";

/** Standard deviation of the logarithm that a machine adds at least on which no run was fitted. */
const unseenDeviation = 0.06;
/** Deviations to 90 % of a normal distribution, both sides together. */
const ninetyPercent = 1.645;

export interface ServingModel {
  readonly constants: ServingConstants;
  readonly bands: Pick<ServingBands, "outputToken" | "firstToken">;
  /** What the bands widen by, as a logarithm. */
  readonly widening: number;
}

/**
 * Constants of a fit file where it has some, else those that ship.
 * @param stated the machine as its datasheet states it, which says whether runs of it were fitted
 */
export function servingModel(
  profile: ServingProfile,
  hardware: Hardware,
  stated: Hardware,
  calibrations: readonly Calibration[],
): ServingModel {
  const own = fittedEngine("serving", profile.id, calibrations);
  const shipped = servingBands[profile.id as keyof typeof servingBands];
  const isSeen = own === null ? stated.id === fittedMachine : own.machines.includes(stated.id);
  const deviation = Math.max(unseenDeviation, carriedDeviation(hardware, calibrations, profile.id));
  return {
    constants: own === null ? profile.constants : (own.constants as unknown as ServingConstants),
    bands: {
      outputToken: own?.band ?? shipped.outputToken,
      firstToken: own?.firstTokenBand ?? shipped.firstToken,
    },
    widening: isSeen ? 0 : ninetyPercent * deviation,
  };
}

/** A band with the widening in it: both ends farther out, by squares. */
export function widenedBand({ low, high }: ErrorBand, widening: number): ErrorBand {
  return { low: -Math.hypot(low, widening), high: Math.hypot(high, widening) };
}
