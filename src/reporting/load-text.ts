/** What a fleet is loaded with, for people. */
import type { FleetLoad } from "../planning/replica-load.ts";

/** @example "8 requests/s", "0.5 requests/s", "1 request/s", "64 users" */
export function loadText({ kind, amount }: FleetLoad): string {
  const number = Number(amount.toPrecision(4));
  if (kind === "rate") return `${number} ${number === 1 ? "request" : "requests"}/s`;
  return `${number} ${number === 1 ? "user" : "users"}`;
}
