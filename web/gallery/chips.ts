import type * as Wire from '../../functions/wire.ts';

/** Two lines of them on a telephone. */
export const MAX_CHIPS = 10;

/**
 * Adds the best labels of images to those that are offered already, the most frequent first. What
 * is offered stays where it is, so that nothing moves under the pointer.
 */
export function addChips(chips: readonly string[], images: readonly Wire.Image[]): readonly string[] {
  const added = commonLabels(images).filter((label) => !chips.includes(label));
  return added.length === 0 || chips.length >= MAX_CHIPS ? chips : [...chips, ...added].slice(0, MAX_CHIPS);
}

/** Returns the best labels of the images, the most frequent first. */
function commonLabels(images: readonly Wire.Image[]): string[] {
  const counts = new Map<string, number>();
  for (const { predictions } of images) {
    const label = predictions[0]?.label;
    if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  // Not by `localeCompare`, because making its rules takes the browser longer than drawing the page.
  return [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)).map(([label]) => label);
}

/** Whether a chip is what is searched for. Searches do not tell upper from lower case. */
export function isChosen(chip: string, label: string): boolean {
  return chip.toLowerCase() === label.toLowerCase();
}

/** Puts what is searched for in front, unless it is among the chips. */
export function withChosen(chips: readonly string[], label: string): readonly string[] {
  return label === '' || chips.some((chip) => isChosen(chip, label)) ? chips : [label, ...chips];
}
