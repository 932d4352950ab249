import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answeredTogether, usersRate } from "../../src/serving/users-rate.ts";

describe("the rate of users", () => {
  test("by hand: one alone, 2 s of tokens after 0.5 s of his prompt: 0.8 of him decode, 0.4 requests a second", () => {
    expect(usersRate(0.8, 2, 0.5, 0.5)).toBeCloseTo(0.4, 12);
    // Fewer than one meet nobody.
    expect(usersRate(0.4, 2, 0.5, 0.5)).toBeCloseTo(0.2, 12);
  });

  test("by hand: three, 2 s of tokens and the other two prompts of 0.5 s between them, 0.5 s of one's own: a request in 3.5 s each", () => {
    const rate = 3 / 3.5;
    expect(usersRate(3 - rate * 0.5, 2, 0.5, 0.5)).toBeCloseTo(rate, 9);
  });

  test("solves its equation", () => {
    const positive = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 500, noNaN: true }),
        positive,
        positive,
        positive,
        (b, tokens, prompt, more) => {
          const served = prompt + more;
          const rate = usersRate(b, tokens, prompt, served);
          const others = b + rate * served - 1;
          expect((rate * (tokens + others * prompt)) / b).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  test("without prompts is that of the tokens", () => {
    expect(usersRate(5, 2, 0, 0)).toBeCloseTo(2.5, 12);
  });
});

describe("answers that end together", () => {
  test("by hand: one in a step on average: 1 / (1 − 1/e) = 1.58 where any; regular ones come alone", () => {
    expect(answeredTogether(1, false)).toBeCloseTo(1.5819767, 6);
    expect(answeredTogether(1, true)).toBe(1);
    expect(answeredTogether(0.3, true)).toBe(1);
    expect(answeredTogether(3, true)).toBe(3);
    expect(answeredTogether(1e-9, false)).toBeCloseTo(1, 6);
    expect(answeredTogether(0, false)).toBe(1);
  });
});
