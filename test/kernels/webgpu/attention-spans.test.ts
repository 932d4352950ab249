import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attentionSpans, firstVisibleRow, spanRows } from "../../../src/kernels/webgpu/attention-spans.ts";
import { visibleRows } from "../../../src/operations/attention-span.ts";

const all = { window: null, chunk: null };
const mha = { heads: 32, kvHeads: 32, queryTokens: 1, reach: all };

describe("attentionSpans", () => {
  it("cuts 32k rows of 32 heads into 2048 spans, and of one head into spans no shorter than 128 rows", () => {
    expect(attentionSpans({ ...mha, contexts: [32_768] })).toHaveLength(2048);
    expect(spanRows({ ...mha, kvHeads: 1, contexts: [32_768] })).toBe(128);
  });

  it("leaves short contexts whole", () => {
    expect(attentionSpans({ ...mha, heads: 1, kvHeads: 1, contexts: [64, 1] })).toEqual([
      { sequence: 0, kvHead: 0, first: 0, end: 64 },
      { sequence: 1, kvHead: 0, first: 0, end: 1 },
    ]);
  });

  it("covers each row that a new token sees once, and none before", () => {
    const works = fc.record({
      kvHeads: fc.constantFrom(1, 2, 5),
      group: fc.constantFrom(1, 4, 16),
      contexts: fc.array(fc.integer({ min: 4, max: 20_000 }), { minLength: 1, maxLength: 3 }),
      queryTokens: fc.integer({ min: 1, max: 4 }),
      reach: fc.constantFrom(all, { window: 100, chunk: null }, { window: null, chunk: 700 }),
    });
    fc.assert(
      fc.property(works, ({ group, ...rest }) => {
        const work = { ...rest, heads: group * rest.kvHeads };
        const spans = attentionSpans(work);
        work.contexts.forEach((context, sequence) => {
          for (let kvHead = 0; kvHead < work.kvHeads; kvHead++) {
            const own = spans.filter((span) => span.sequence === sequence && span.kvHead === kvHead);
            expect(own[0]?.first).toBe(firstVisibleRow(work, context));
            expect(context - (own[0]?.first ?? 0)).toBe(visibleRows(work.queryTokens, context, work.reach));
            own.forEach(({ first, end }, i) => {
              expect(end).toBeGreaterThan(first);
              expect(end).toBe(own[i + 1]?.first ?? context);
            });
          }
        });
      }),
    );
  });
});
