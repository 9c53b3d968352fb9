import { AutoSwiftNetError } from '../classifier/errors.ts';
import type { ClassifyEntry } from '../classifier/index.ts';
import { oneLine } from './report-error.ts';

/**
 * Makes one line of JSON: `{file, model, predictions, image, timings}`, or, for a failed image,
 * `{file, error: {code, message}}`.
 */
export function classificationJson(file: string, entry: ClassifyEntry, model: string): string {
  if ('error' in entry) {
    const { error } = entry;
    const code = error instanceof AutoSwiftNetError ? error.code : 'internal';
    return `${JSON.stringify({ file, error: { code, message: error.message } })}\n`;
  }
  const { predictions, image, timings } = entry;
  return `${JSON.stringify({ file, model, predictions, image, timings })}\n`;
}

/**
 * Makes a line for the image and a line for each label. A failed image gives no text: standard
 * error names it.
 */
export function classificationText(file: string, entry: ClassifyEntry, model: string): string {
  if ('error' in entry) return '';
  const { predictions, image, timings } = entry;
  const heading = `${oneLine(file)}  (${image.width} x ${image.height} ${image.format}; ${model}, ${Math.round(timings.total)} ms)\n`;
  return heading + predictions.map((one) => `${percent(one.probability)}  ${oneLine(one.label)}\n`).join('');
}

/** Aligns a percentage to the right: ` 87.3%`. */
function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)}%`.padStart(7);
}
