/**
 * The width of a line in DejaVu Sans, without a canvas, so that a layout is the same in Node, in a browser and on every machine.
 *
 * width (px) = font size (px) × sum of advance widths / 1000; kerning is left out.
 * Source of the advances: the `hmtx` table of DejaVuSans.ttf and DejaVuSans-Bold.ttf 2.37, in thousandths of an em.
 */

/** U+0020 to U+007E. */
const regular: readonly number[] = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
  636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
  748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
  615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
  337, 636, 838,
];
const bold: readonly number[] = [
  348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696,
  696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995,
  837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716,
  678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
  365, 712, 838,
];
/** Signs that labels use beyond ASCII: regular and bold. */
const signs: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["µ", [636, 736]],
  ["×", [838, 838]],
  ["·", [318, 380]],
  ["–", [500, 500]],
  ["—", [1000, 1000]],
  ["…", [1000, 1000]],
  ["−", [838, 838]],
]);
/** An unknown Latin or Greek letter is taken for a wide one, anything from CJK on for a full square. */
const unknownLetter = 700;
const unknownSquare = 1000;

/**
 * Width in px of one line of text.
 * @example textWidth("0", 10) is 6.36
 */
export function textWidth(text: string, fontSizePx: number, isBold = false): number {
  const advances = isBold ? bold : regular;
  let thousandths = 0;
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    thousandths +=
      advances[code - 32] ?? signs.get(sign)?.[isBold ? 1 : 0] ?? (code < 0x2e80 ? unknownLetter : unknownSquare);
  }
  return (thousandths * fontSizePx) / 1000;
}

/** The text in lines of at most `widthPx`, broken between words; a word too long for a line is broken inside. */
export function wrapText(text: string, widthPx: number, fontSizePx: number, isBold = false): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (textWidth(longer, fontSizePx, isBold) <= widthPx) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = "";
    for (const sign of word) {
      if (line !== "" && textWidth(line + sign, fontSizePx, isBold) > widthPx) {
        lines.push(line);
        line = "";
      }
      line += sign;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** The text cut to `widthPx` with an ellipsis at its end. */
export function cutText(text: string, widthPx: number, fontSizePx: number): string {
  if (textWidth(text, fontSizePx) <= widthPx) return text;
  const signs = [...text];
  while (signs.length > 0 && textWidth(`${signs.join("")}…`, fontSizePx) > widthPx) signs.pop();
  return `${signs.join("").trimEnd()}…`;
}
