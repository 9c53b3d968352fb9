import { AutoSwiftNetError } from '../classifier/errors.ts';
import type { Classification, ClassifyEntry } from '../classifier/index.ts';
import type { Manifest } from '../classifier/manifest.ts';
import { oneLine } from './report-error.ts';
import { withArticle } from './with-article.ts';

/** The model that answered. */
export interface AnsweringModel {
  readonly name: string;
  /** What it knows, if that is less than photographs of all its labels. */
  readonly knows?: Manifest['knows'] | undefined;
}

/** For an image that no model saw. */
export const NO_MODEL: AnsweringModel = { name: '' };

/**
 * Makes one line of JSON: `{file, sha256, model, knows, predictions, concept, concepts, image,
 * timings}`, without `knows` if the model knows photographs. For a failed image it is
 * `{file, error: {code, message}}`.
 * @param sha256 of the image's bytes, in hex
 */
export function classificationJson(file: string, entry: ClassifyEntry, model: AnsweringModel, sha256?: string): string {
  if ('error' in entry) {
    const { error } = entry;
    const code = error instanceof AutoSwiftNetError ? error.code : 'internal';
    return `${JSON.stringify({ file, error: { code, message: error.message } })}\n`;
  }
  const { predictions, concept, concepts, image, timings } = entry;
  const { name, knows } = model;
  return `${JSON.stringify({ file, sha256, model: name, knows, predictions, concept, concepts, image, timings })}\n`;
}

/**
 * Makes a line for the image, one for its concept if that says more than the best label, and one
 * for each label. A failed image gives no text: standard
 * error names it.
 */
export function classificationText(file: string, entry: ClassifyEntry, { name }: AnsweringModel): string {
  if ('error' in entry) return '';
  const { predictions, image, timings } = entry;
  const heading = `${file}  (${image.width} x ${image.height} ${image.format}; ${name}, ${Math.round(timings.total)} ms)`;
  return (
    `${oneLine(heading)}\n` +
    conceptText(entry) +
    predictions.map((one) => `${percent(one.probability)}  ${oneLine(one.label)}\n`).join('')
  );
}

/** Says what the best label is, where the model is sure of that only: `tabby 0.41, a cat 0.93`. */
function conceptText({ predictions: [best], concept }: Classification): string {
  if (best === undefined || concept === null || concept.id === (best.wnid ?? best.label)) return '';
  const whole = `${withArticle(oneLine(concept.label))} ${concept.probability.toFixed(2)}`;
  return `${oneLine(best.label)} ${best.probability.toFixed(2)}, ${whole}\n`;
}

/** Aligns a percentage to the right: ` 87.3%`. */
function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)}%`.padStart(7);
}

/** Says what a model knows, if that is less than photographs of all its labels; else null. */
export function knowledgeText({ name, knows }: AnsweringModel): string | null {
  if (knows === undefined) return null;
  return `the model ${oneLine(name)} knows ${knows.things} drawn things, and no photographs: what it says about a photograph means nothing`;
}
