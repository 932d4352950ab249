/** SVG to PNG with the font that the package brings, so that the same SVG gives the same pixels everywhere. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { palettePng } from "./palette-png.ts";

const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"] as const;

let loading: Promise<Uint8Array[]> | undefined;

/**
 * The picture, `widthPx` wide.
 * @throws Error when the font or the renderer's module is missing from the installation, or the SVG is malformed
 */
export async function renderPng(svg: string, widthPx: number): Promise<Uint8Array> {
  return await drawn(svg, widthPx, (image) => image.asPng());
}

/** The same in at most 256 colours, a third of the bytes. */
export async function renderPalettePng(svg: string, widthPx: number): Promise<Uint8Array> {
  return await drawn(svg, widthPx, ({ width, height, pixels }) => palettePng({ width, height, rgba: pixels }));
}

async function drawn(
  svg: string,
  widthPx: number,
  take: (image: ReturnType<InstanceType<typeof Resvg>["render"]>) => Uint8Array,
): Promise<Uint8Array> {
  loading ??= load();
  const fontBuffers = await loading;
  const picture = new Resvg(svg, {
    fitTo: { mode: "width", value: widthPx },
    font: { loadSystemFonts: false, fontBuffers, defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
  });
  try {
    const image = picture.render();
    try {
      return take(image);
    } finally {
      image.free();
    }
  } finally {
    picture.free();
  }
}

/** The module may be initialised only once in a process. */
async function load(): Promise<Uint8Array[]> {
  const wasmPath = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
  const folder = fontFolder();
  const fonts = await Promise.all(fontFiles.map(async (file) => new Uint8Array(await readFile(join(folder, file)))));
  await initWasm(new Uint8Array(await readFile(wasmPath)));
  return fonts;
}

/** assets/fonts of the package that this module belongs to, from its sources and from any depth of a bundle. */
function fontFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, "assets", "fonts");
    if (existsSync(join(candidate, fontFiles[0]))) return candidate;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`assets/fonts/${fontFiles[0]} is missing from this installation`);
    folder = parent;
  }
}
