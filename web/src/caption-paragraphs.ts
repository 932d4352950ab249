/** Subtitle and notes of a chart as whole paragraphs: a chart breaks them into lines of its own width, a page into its own. */
import type { ChartSpec } from "ridgepoint/drawing";

/**
 * The description ends with the notes, each after ". ", which tells where one begins among the lines.
 * @example lines "batch 1", "area of a", "mark: time" and a description "… . area of a mark: time" are two paragraphs
 */
export function captionParagraphs({ title, description }: Pick<ChartSpec, "title" | "description">): string[] {
  const lines = title.subtitle ?? [];
  const paragraphs: string[] = [];
  let rest = description.replace(/\s+/g, " ");
  let end = lines.length;
  for (let start = end - 1; start > 0; start--) {
    const text = lines.slice(start, end).join(" ");
    if (!rest.endsWith(`. ${text}`)) continue;
    paragraphs.unshift(text);
    rest = rest.slice(0, -text.length - 2);
    end = start;
  }
  return end > 0 ? [lines.slice(0, end).join(" "), ...paragraphs] : paragraphs;
}
