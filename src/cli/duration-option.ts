/** Times on a command line are those of any input. */
export { parseDuration as duration } from "../quantity/parse-duration.ts";
