/**
 * The known name nearest to a mistyped one, for "did you mean" hints.
 * Distance = Levenshtein edits (two neighbours swapped count as one), on the names in lower case and on their letters and digits alone, the smaller of the two.
 */
import { distance } from "fastest-levenshtein";

/** Longer names are answered with null, since comparing takes time proportional to length times candidates. */
const maxNameLength = 100;

/**
 * The candidate within a third of the name's length (at least one edit), the first where several are as near; else null.
 * @example nearestName("h100sxm", ["h100-pcie", "h100-sxm"]) is "h100-sxm"; nearestName("toaster", ["h100-sxm"]) is null
 */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name === "" || name.length > maxNameLength) return null;
  const lower = name.toLowerCase();
  const bare = lettersAndDigits(lower);
  let nearest: string | null = null;
  let nearestEdits = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const lowerCandidate = candidate.toLowerCase();
    const edits = Math.min(editsBetween(lower, lowerCandidate), bareDistance(bare, lettersAndDigits(lowerCandidate)));
    if (edits < nearestEdits) {
      nearest = candidate;
      nearestEdits = edits;
    }
  }
  return nearest;
}

function editsBetween(a: string, b: string): number {
  const edits = distance(a, b);
  return edits === 2 && areSwapped(a, b) ? 1 : edits;
}

/** Whether b is a with two neighbouring characters swapped. */
function areSwapped(a: string, b: string): boolean {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  return a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2) && a.length === b.length;
}

/** Half an edit more than the bare names need, so that a candidate equal with its punctuation comes first. */
function bareDistance(bare: string, bareCandidate: string): number {
  return bare === "" || bareCandidate === "" ? Number.POSITIVE_INFINITY : distance(bare, bareCandidate) + 0.5;
}

function lettersAndDigits(text: string): string {
  return text.replace(/[^a-z0-9]/g, "");
}
