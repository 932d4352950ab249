/** What goes out to a notebook: MIME types, escaped cells, rounded specifications; and text where none listens. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ChartSpec } from "../../src/charts/chart-spec.ts";
import { timeByContextChart } from "../../src/charts/time-by-context.ts";
import { chartOutput, display, say, table, tableOutput } from "../../src/files/notebook-display.ts";

const third = 1 / 3000;
const chart: ChartSpec = timeByContextChart({
  title: "Time <of> a step",
  rows: [1024, 1_048_576].map((context) => ({ series: "MHA", context, stepSeconds: third * context, fits: true })),
});

/** What a stand-in for Deno's kernel is sent. */
function listeningKernel(): { type: string; content: Record<string, unknown> }[] {
  const sent: { type: string; content: Record<string, unknown> }[] = [];
  vi.stubGlobal("Deno", {
    jupyter: {
      broadcast: async (type: string, content: Record<string, unknown>) => {
        sent.push({ type, content });
      },
    },
  });
  return sent;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("chartOutput", () => {
  it("holds the specification as vega-lite 5 and 6, each with its own schema and the same rows, and a PNG", async () => {
    const { data, metadata } = await chartOutput(chart);
    expect(Object.keys(data)).toEqual([
      "application/vnd.vegalite.v5+json",
      "application/vnd.vegalite.v6+json",
      "image/png",
      "text/plain",
    ]);
    for (const version of [5, 6]) {
      expect(data[`application/vnd.vegalite.v${version}+json`]).toMatchObject({
        $schema: `https://vega.github.io/schema/vega-lite/v${version}.json`,
        data: { values: [{ context: 1024 }, { context: 1_048_576 }] },
        config: { background: "#ffffff" },
      });
    }
    const png = Buffer.from(String(data["image/png"]), "base64");
    expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
    // Width, of the header: the picture is shown at two thirds of it.
    expect(png.readUInt32BE(16)).toBe(1.5 * (metadata["image/png"] as { width: number }).width);
  });

  it("rounds numbers that are not whole to 7 digits and keeps whole ones", async () => {
    const text = JSON.stringify((await chartOutput(chart)).data["application/vnd.vegalite.v6+json"]);
    expect(text).toContain("0.3413333");
    expect(text).not.toMatch(/\d\.\d{12}/);
    expect(text).toContain("1048576");
  });
});

describe("tableOutput", () => {
  const output = tableOutput([
    { name: "<b>x</b>", time: "4.03 ms", bytes: 13_476_839_424, share: 1 / 3 },
    { name: "y", time: null, bytes: Number.NaN, share: 2, extra: true },
  ]);

  it("is HTML, Markdown and text, and no cell is markup", () => {
    expect(Object.keys(output.data)).toEqual(["text/html", "text/markdown", "text/plain"]);
    expect(output.data["text/html"]).toContain("&lt;b&gt;x&lt;/b&gt;");
    for (const text of Object.values(output.data)) expect(text).not.toContain("<b>");
  });

  it("takes the columns of all rows, writes numbers for people, a dash for what is missing or no number", () => {
    expect(String(output.data["text/plain"]).split("\n").slice(1)).toEqual([
      "| --- | ---: | ---: | ---: | --- |",
      "| &#60;b&#62;x&#60;/b&#62; | 4.03 ms | 13,476,839,424 | 0.3333 | – |",
      "| y | – | – | 2 | true |",
      "",
    ]);
  });
});

describe("display, table and say", () => {
  it("send one display_data each to the kernel that listens", async () => {
    const sent = listeningKernel();
    await table([{ a: 1 }]);
    await display(chart);
    await say("**4 ms**");
    expect(sent.map(({ type }) => type)).toEqual(["display_data", "display_data", "display_data"]);
    expect(sent[2]?.content).toMatchObject({ data: { "text/markdown": "**4 ms**", "text/plain": "**4 ms**" } });
    expect(sent[0]?.content).toMatchObject({ data: { "text/html": expect.stringContaining("<td") } });
    expect(sent[1]?.content).toMatchObject({ data: { "image/png": expect.any(String) } });
  });

  it("print text without a kernel, and where Deno refuses to hand it out", async () => {
    const printed: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
    await table([{ a: 1 }]);
    vi.stubGlobal("Deno", {
      get jupyter(): never {
        throw new Error("only available in deno jupyter");
      },
    });
    await display(chart);
    await say("**4 ms**");
    expect(printed[2]).toBe("**4 ms**\n");
    expect(printed[0]).toContain("| 1 |");
    expect(printed[1]).toContain("Time <of> a step");
    expect(printed[1]).toContain("| 1,024 |");
  });
});
