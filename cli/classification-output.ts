import { AutoSwiftNetError } from '../classifier/errors.ts';
import type { ClassifyEntry } from '../classifier/index.ts';
import { oneLine } from './report-error.ts';

/** One line of JSON: `{file, model, predictions, image, timings}`, or `{file, error: {code, message}}`. */
export function classificationJson(file: string, entry: ClassifyEntry, model: string): string {
  if ('error' in entry) {
    const { error } = entry;
    const code = error instanceof AutoSwiftNetError ? error.code : 'internal';
    return `${JSON.stringify({ file, error: { code, message: error.message } })}\n`;
  }
  const { predictions, image, timings } = entry;
  return `${JSON.stringify({ file, model, predictions, image, timings })}\n`;
}

/** A line for the picture, one for each label; nothing for a failed one, which standard error names. */
export function classificationText(file: string, entry: ClassifyEntry, model: string): string {
  if ('error' in entry) return '';
  const { predictions, image, timings } = entry;
  const heading = `${oneLine(file)}  (${image.width} x ${image.height} ${image.format}; ${model}, ${Math.round(timings.total)} ms)\n`;
  return heading + predictions.map((one) => `${percent(one.probability)}  ${oneLine(one.label)}\n`).join('');
}

/** Right-aligned: `  87.3%`. */
function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)}%`.padStart(7);
}
