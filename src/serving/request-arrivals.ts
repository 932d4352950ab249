/** When requests come to a fleet: by themselves (open), or as the users of the ones before get their answers (closed). */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Request, RequestStream } from "./request-stream.ts";

export interface RequestArrivals {
  /** When the next request comes; Infinity where none does, unless another leaves. */
  nextSeconds(): number;
  /** Puts the next one's lengths and arrival into `into`. */
  take(into: Request): void;
  /** A request has been served or turned away. */
  left(seconds: number): void;
}

/** Requests at the stream's own times. @throws InvalidInput (while it is read) for times that fall and lengths below 1 */
export function openArrivals(stream: RequestStream): RequestArrivals {
  const ahead = new LookAhead(stream);
  let next = 0;
  const look = (): void => {
    if (!ahead.has) {
      next = Number.POSITIVE_INFINITY;
      return;
    }
    const { arrivalSeconds } = ahead.request;
    if (!(arrivalSeconds >= next && arrivalSeconds < Number.POSITIVE_INFINITY)) {
      throw new InvalidInput("arrivalSeconds", String(arrivalSeconds), `finite and not before the one before, ${next}`);
    }
    next = arrivalSeconds;
  };
  look();
  return {
    nextSeconds: () => next,
    take(into) {
      ahead.take(into);
      look();
    },
    left() {},
  };
}

/**
 * So many users, each with one request in flight as long as the stream lasts.
 * @param rampSeconds over which they send their first ones, evenly; all at 0 by default
 */
export function closedArrivals(stream: RequestStream, users: number, rampSeconds = 0): RequestArrivals {
  const ahead = new LookAhead(stream);
  const gap = rampSeconds / users;
  let started = gap > 0 ? 0 : users;
  let idle = gap > 0 ? 0 : users;
  let now = 0;
  const nextStart = (): number => (started < users ? started * gap : Number.POSITIVE_INFINITY);
  return {
    nextSeconds() {
      if (!ahead.has) return Number.POSITIVE_INFINITY;
      return idle > 0 ? now : nextStart();
    },
    take(into) {
      ahead.take(into);
      if (idle > 0) {
        idle--;
        into.arrivalSeconds = now;
      } else {
        into.arrivalSeconds = nextStart();
        started++;
      }
    },
    left(seconds) {
      idle++;
      now = seconds;
    },
  };
}

/** A stream read one request ahead. */
class LookAhead {
  readonly request: Request = { arrivalSeconds: 0, inputTokens: 1, outputTokens: 1 };
  has: boolean;
  private readonly stream: RequestStream;

  constructor(stream: RequestStream) {
    this.stream = stream;
    this.has = stream.next(this.request);
  }

  take(into: Request): void {
    const { arrivalSeconds, inputTokens, outputTokens } = this.request;
    for (const [field, tokens] of [
      ["inputTokens", inputTokens],
      ["outputTokens", outputTokens],
    ] as const) {
      if (!(Number.isInteger(tokens) && tokens >= 1))
        throw new InvalidInput(field, String(tokens), "a whole number of at least 1");
    }
    into.arrivalSeconds = arrivalSeconds;
    into.inputTokens = inputTokens;
    into.outputTokens = outputTokens;
    this.has = this.stream.next(this.request);
  }
}
