import { AutoSwiftNetError } from '../classifier/errors.ts';
import type { Classification, ClassifyEntry } from '../classifier/index.ts';
import { oneLine } from './report-error.ts';
import { withArticle } from './with-article.ts';

/**
 * Makes one line of JSON: `{file, sha256, model, predictions, concept, concepts, image, timings}`.
 * For a failed image it is `{file, error: {code, message}}`.
 * @param sha256 of the image's bytes, in hex
 */
export function classificationJson(file: string, entry: ClassifyEntry, model: string, sha256?: string): string {
  if ('error' in entry) {
    const { error } = entry;
    const code = error instanceof AutoSwiftNetError ? error.code : 'internal';
    return `${JSON.stringify({ file, error: { code, message: error.message } })}\n`;
  }
  const { predictions, concept, concepts, image, timings } = entry;
  return `${JSON.stringify({ file, sha256, model, predictions, concept, concepts, image, timings })}\n`;
}

/**
 * Makes a line for the image, one for its concept if that says more than the best label, and one
 * for each label. A failed image gives no text: standard
 * error names it.
 */
export function classificationText(file: string, entry: ClassifyEntry, model: string): string {
  if ('error' in entry) return '';
  const { predictions, image, timings } = entry;
  const heading = `${oneLine(file)}  (${image.width} x ${image.height} ${image.format}; ${model}, ${Math.round(timings.total)} ms)\n`;
  return (
    heading +
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
