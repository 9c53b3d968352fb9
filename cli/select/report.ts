import { numberText } from '../number-text.ts';
import { oneLine } from '../report-error.ts';
import { table } from '../table.ts';
import type { SelectedClass, SelectionSize } from './teacher-selection.ts';

/** What the lines were. */
export interface LineCounts {
  /** Answers that were candidates. */
  answers: number;
  /** Images that were not classified: errors, `rejected` and `failed`. */
  unclassified: number;
  /** Answers of other models than the one of `--model`. */
  otherModels: number;
  /** Answers that have fewer predictions than the P classes of an image. */
  short: number;
}

const HEADINGS = ['index', 'class', 'WordNet id', 'images', 'lowest score'];
const ALIGN_RIGHT = [true, false, false, true, true];
const DIGITS = 4;

/** Makes a table of the classes with their numbers of images, and a sentence on all of them. */
export function reportText(
  classes: readonly SelectedClass[],
  { answers, unclassified, otherModels }: LineCounts,
  { perClass }: SelectionSize,
): string {
  const rows = classes.map((selected) => [
    String(selected.index),
    oneLine(selected.label),
    selected.wnid ?? '-',
    String(selected.top.size),
    lowestScore(selected).toFixed(DIGITS),
  ]);
  const full = classes.filter(({ top }) => top.size === perClass).length;
  const leftOut = [
    ...(unclassified > 0 ? [`${numberText(unclassified)} not classified`] : []),
    ...(otherModels > 0 ? [`${numberText(otherModels)} of other models`] : []),
  ];
  return `${table([HEADINGS, ...rows], ALIGN_RIGHT)}
${numberText(answers)} answers${leftOut.length > 0 ? ` (left out: ${leftOut.join(', ')})` : ''}: ${numberText(selectedImages(classes))} images selected for ${numberText(classes.length)} classes, of which ${numberText(full)} have ${numberText(perClass)}
`;
}

/** Makes one line of JSON of the same. */
export function reportJson(classes: readonly SelectedClass[], counts: LineCounts): string {
  const { answers, unclassified, otherModels } = counts;
  return `${JSON.stringify({
    answers,
    unclassified,
    otherModels,
    selected: selectedImages(classes),
    classes: classes.map((selected) => ({
      class: selected.label,
      wnid: selected.wnid,
      index: selected.index,
      images: selected.top.size,
      lowestScore: lowestScore(selected),
    })),
  })}\n`;
}

function selectedImages(classes: readonly SelectedClass[]): number {
  return classes.reduce((sum, { top }) => sum + top.size, 0);
}

function lowestScore({ top }: SelectedClass): number {
  return top.at(top.size).score;
}
