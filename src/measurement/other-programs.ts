/** What other programs took of the processors while something was measured, in words. */

/** Other programs that take more than this make a figure doubtful: precise to 1 % and several times off all the same. */
const mostShare = 0.1;

/** @param share of all processor time, 0 to 1 */
export function otherProgramsText(share: number): string {
  return `other programs used ${(100 * share).toFixed(0)} % of the processors meanwhile`;
}

/** A warning where they took more than a tenth; none where they didn't. */
export function otherProgramsNotes(share: number): string[] {
  return share > mostShare ? [`${otherProgramsText(share)}: measure again while nothing else runs`] : [];
}
