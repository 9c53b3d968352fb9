import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Manifest } from '../../classifier/manifest.ts';
import { readUpTo } from '../read-up-to.ts';
import { whyUnreadable } from '../why-unreadable.ts';
import { InvalidLabelsError } from './errors.ts';

export type Label = Manifest['labels'][number];

/** ImageNet-1k's classes, in the order of every model trained on it. */
export const IMAGENET_LABELS = fileURLToPath(new URL('imagenet1k.json', import.meta.url));
const IMAGENET_CLASSES = 1000;

/**
 * Enough for 100,000 labels of 200 characters; ImageNet's labels take 70 kB. The file is read
 * whole, so its size must be limited.
 */
const MAX_LABELS_BYTES = 20_000_000;

const EXPECTED =
  'JSON must be an array of labels, such as ["cat", "dog"], or of {"index", "wnid", "label"} with each of the indexes 0, 1, 2 … once';

const name = z.string().trim().min(1, 'the label is empty');

const label = z.strictObject({
  index: z.int().nonnegative(),
  wnid: z
    .string()
    .regex(/^n\d{8}$/, 'expected n and eight digits')
    .nullable()
    .default(null),
  label: name,
});

/**
 * Returns one label per class, in the order of the classes. Without a file, 1000 classes get
 * ImageNet's labels; any other number of classes gets `class 0`, `class 1` … and a warning.
 * @param file JSON, an array of labels in the order of the classes or like imagenet1k.json (an
 *   array of {index, wnid, label}); or text with one label per line. Instead of a file's name it
 *   may be the JSON array itself
 * @throws {InvalidLabelsError} naming the file and its first fault: it cannot be read, has neither
 *   form, or does not have one label per class
 */
export async function readLabels(
  file: string | undefined,
  classes: number,
  onWarning: (text: string) => void,
): Promise<Label[]> {
  if (file !== undefined) return await readLabelsFile(file, classes);
  if (classes === IMAGENET_CLASSES) return await readLabelsFile(IMAGENET_LABELS, classes);
  onWarning(
    `the model has ${classes} classes, not ImageNet's ${IMAGENET_CLASSES}, so its labels are class 0, class 1 … Give the real ones with --labels FILE.`,
  );
  return Array.from({ length: classes }, (_, index) => ({ label: `class ${index}`, wnid: null }));
}

async function readLabelsFile(file: string, classes: number): Promise<Label[]> {
  const text = looksLikeJson(file) ? file : await readText(file);
  const labels =
    file.toLowerCase().endsWith('.json') || looksLikeJson(text) ? fromJson(text, file) : fromLines(text, file);
  if (labels.length !== classes) {
    throw new InvalidLabelsError(
      `${file} has ${labels.length} labels, but the checkpoint has ${classes} classes. Give one label per class, in the checkpoint's order.`,
    );
  }
  return labels;
}

/** A line of text may begin with a bracket, but hardly with one before a quote or a brace. */
function looksLikeJson(text: string): boolean {
  return /^\s*\[\s*[{"]/.test(text);
}

async function readText(file: string): Promise<string> {
  const bytes = await readUpTo(file, MAX_LABELS_BYTES).catch(async (cause: unknown) => {
    const reason = await whyUnreadable(file, cause);
    throw new InvalidLabelsError(`${file} cannot be read: ${reason}. Give a text or JSON file of labels.`, cause);
  });
  if (bytes === null) {
    throw new InvalidLabelsError(`${file} has more bytes than the limit for a file of labels, ${MAX_LABELS_BYTES}.`);
  }
  try {
    // Drops a byte order mark, and fails on bytes that are not UTF-8 instead of replacing them.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidLabelsError(`${file} is not text in UTF-8. Give a text or JSON file of labels.`, cause);
  }
}

function fromLines(text: string, file: string): Label[] {
  const lines = text.replace(/\s+$/, '').split(/\r?\n/);
  return lines.map((line, index) => {
    const name = line.trim();
    if (name === '') throw new InvalidLabelsError(`${file}: line ${index + 1} is empty. Every line must have a label.`);
    return { label: name, wnid: null };
  });
}

function fromJson(text: string, file: string): Label[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidLabelsError(`${file} is not valid JSON. ${EXPECTED}.`, cause);
  }
  if (!Array.isArray(json)) {
    throw new InvalidLabelsError(
      `${file}: expected an array, found ${json === null ? 'null' : `a JSON ${typeof json}`}. ${EXPECTED}.`,
    );
  }
  const labels =
    typeof json[0] === 'string'
      ? parse(z.array(name), json, file).map((each, index) => ({ index, label: each, wnid: null }))
      : parse(z.array(label), json, file);
  const sorted = labels.toSorted((one, other) => one.index - other.index);
  const misplaced = sorted.findIndex(({ index }, place) => index !== place);
  if (misplaced >= 0) {
    throw new InvalidLabelsError(`${file}: index ${misplaced} is missing or occurs twice. ${EXPECTED}.`);
  }
  return sorted.map(({ label, wnid }) => ({ label, wnid }));
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown, file: string): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidLabelsError(`${file}, ${issue?.path.join('.')}: ${issue?.message}. ${EXPECTED}.`, parsed.error);
}
