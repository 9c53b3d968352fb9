import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Manifest } from '../../classifier/manifest.ts';
import { messageOf } from '../../classifier/message-of.ts';
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

const label = z.strictObject({
  index: z.int().nonnegative(),
  wnid: z
    .string()
    .regex(/^n\d{8}$/, 'expected n and eight digits')
    .nullable()
    .default(null),
  label: z.string().trim().min(1),
});

/**
 * Returns one label per class, in the order of the classes. Without a file, 1000 classes get
 * ImageNet's labels; any other number of classes gets `class 0`, `class 1` … and a warning.
 * @param file JSON like imagenet1k.json (an array of {index, wnid, label}), or text with one label
 *   per line
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
  const text = await readText(file);
  const labels =
    file.toLowerCase().endsWith('.json') || text.trimStart().startsWith('[{')
      ? fromJson(text, file)
      : fromLines(text, file);
  if (labels.length !== classes) {
    throw new InvalidLabelsError(
      `${file} has ${labels.length} labels, but the checkpoint has ${classes} classes. Give one label per class, in the checkpoint's order.`,
    );
  }
  return labels;
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_LABELS_BYTES) {
      throw new InvalidLabelsError(`${file} has ${size} bytes; the limit for a file of labels is ${MAX_LABELS_BYTES}.`);
    }
    // Drops a byte order mark, and fails on bytes that are not UTF-8 instead of replacing them.
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    if (cause instanceof InvalidLabelsError) throw cause;
    const reason = messageOf(cause);
    throw new InvalidLabelsError(
      `${file} cannot be read as UTF-8 text (${reason}). Give a text or JSON file of labels.`,
      cause,
    );
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
  const expected = 'an array of {"index", "wnid", "label"} with each of the indexes 0, 1, 2 … once';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidLabelsError(`${file} is not valid JSON. It must be ${expected}.`, cause);
  }
  const parsed = z.array(label).safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvalidLabelsError(
      `${file}${issue?.path.length ? `, ${issue.path.join('.')}` : ''}: ${issue?.message}. The file must be ${expected}.`,
      parsed.error,
    );
  }
  const sorted = parsed.data.toSorted((one, other) => one.index - other.index);
  const misplaced = sorted.findIndex(({ index }, place) => index !== place);
  if (misplaced >= 0) {
    throw new InvalidLabelsError(
      `${file}: index ${misplaced} is missing or occurs twice. The file must be ${expected}.`,
    );
  }
  return sorted.map(({ label, wnid }) => ({ label, wnid }));
}
