import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_MAX_BYTES } from '../classifier/decode/limits.ts';
import { AutoSwiftNetError, ImageTooLargeError } from '../classifier/errors.ts';
import type { Classifier, DecodedImage, DecodeLimits, Manifest } from '../classifier/index.ts';
import { decodeImage } from '../classifier/index.ts';
import { round } from './package/round.ts';
import { readUpTo } from './read-up-to.ts';
import { type ConceptScore, ConceptScorer } from './score-concepts.ts';
import { whyUnreadable } from './why-unreadable.ts';

export interface EvaluateOptions {
  readonly classifier: Classifier;
  /** Holds one folder of images per class, named by its WordNet id or else by its exact label. */
  readonly folder: string;
  readonly limits?: DecodeLimits;
  /** Called after each image. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Called for each file that cannot be read or is not an image, in the order of the files. Such a
   * file does not count. What this throws ends the evaluation.
   */
  readonly onSkip?: (file: string, error: unknown) => void;
}

/** The result of an evaluation. Accuracies are percent of the images; null when there were none. */
export interface Evaluation {
  readonly model: string;
  /** How many images were classified. */
  readonly images: number;
  /** How many files could not be read, or are no images. They do not count. */
  readonly failed: number;
  readonly top1: number | null;
  readonly top5: number | null;
  readonly imagesPerSecond: number | null;
  /** How good the hedged concept is, at 0.5, 0.8 and 0.95; empty without a hierarchy. */
  readonly concepts: readonly ConceptScore[];
  readonly publishedTop1: number | null;
  readonly publishedTop5: number | null;
}

/**
 * The folder of labelled images cannot be used: it cannot be read, it is empty, or it has folders
 * that are not named after a class of the model.
 */
export class EvaluationFolderError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'evaluation-folder', status: 422, cause });
  }
}

interface LabelledFile {
  readonly path: string;
  /** Indexes of the right classes: two of ImageNet's labels belong to two classes each. */
  readonly classes: readonly number[];
}

const TOP = 5;

/** How many images are read and decoded ahead in sharp's threads while one is classified. */
const DECODED_AHEAD = 4;

const MAX_NAMES_SHOWN = 5;

/**
 * Classifies a folder of labelled images and counts how often the right class is the model's first
 * answer, or one of its first five.
 * @throws {EvaluationFolderError}
 * @example
 * await evaluate({ classifier, folder: 'imagenet/val' })
 * // { model: 'resnet50_swsl', images: 50000, failed: 0, top1: 81.1, top5: 95.9,
 * //   imagesPerSecond: 31.2, concepts: […], publishedTop1: 81.2, publishedTop5: 96 }
 */
export async function evaluate({
  classifier,
  folder,
  limits = {},
  onProgress = () => {},
  onSkip = () => {},
}: EvaluateOptions): Promise<Evaluation> {
  const { name, preprocessing, labels, publishedTop1, publishedTop5 } = classifier.manifest;
  const files = await labelledFiles(folder, labels);
  const right = { first: 0, amongFive: 0, images: 0 };
  const decode = async ({ path }: LabelledFile) =>
    decodeImage(await readImage(path, limits.maxBytes ?? DEFAULT_MAX_BYTES), preprocessing, limits);
  const scorer = classifier.hierarchy && new ConceptScorer(classifier.hierarchy());
  const start = performance.now();
  let done = 0;
  for await (const { file, image } of decodedAhead(files, decode, onSkip)) {
    if (image) {
      const [entry] = await classifier.classify([image], { top: TOP });
      if (entry === undefined || 'error' in entry) throw entry?.error ?? new Error('there is no entry for the image');
      const place = entry.predictions.findIndex(({ index }) => file.classes.includes(index));
      right.images += 1;
      scorer?.add(entry.concepts, file.classes);
      if (place === 0) right.first += 1;
      if (place >= 0) right.amongFive += 1;
    }
    done += 1;
    onProgress(done, files.length);
  }
  const { images } = right;
  const seconds = (performance.now() - start) / 1000;
  const share = (count: number): number | null => (images > 0 ? round((100 * count) / images, 3) : null);
  return {
    model: name,
    images,
    failed: files.length - images,
    top1: share(right.first),
    top5: share(right.amongFive),
    imagesPerSecond: images > 0 ? round(images / seconds, 2) : null,
    concepts: scorer?.scores() ?? [],
    publishedTop1,
    publishedTop5,
  };
}

async function labelledFiles(folder: string, labels: Manifest['labels']): Promise<LabelledFile[]> {
  const names = await entriesOf(folder, 'a folder that contains one folder of images per class', (entry) =>
    entry.isDirectory(),
  );
  const classes = new Map(names.map((name) => [name, classesNamed(name, labels)]));
  const unknown = names.filter((name) => classes.get(name)?.length === 0);
  if (names.length === 0 || unknown.length > 0) {
    const [shown, rest] = [unknown.slice(0, MAX_NAMES_SHOWN), unknown.length - MAX_NAMES_SHOWN];
    const list = `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    const fault =
      names.length === 0
        ? 'has no folders in it'
        : `has folders that are not named after a class of the model: ${list}`;
    throw new EvaluationFolderError(
      `${folder} ${fault}. It must hold one folder per class, named by WordNet id (n01440764) or by exact label (${labels[0]?.label}), and no others.`,
    );
  }
  const files: LabelledFile[] = [];
  for (const name of names) {
    const images = await entriesOf(join(folder, name), 'a folder of images', (entry) => entry.isFile());
    files.push(...images.map((file) => ({ path: join(folder, name, file), classes: classes.get(name) ?? [] })));
  }
  if (files.length === 0)
    throw new EvaluationFolderError(
      `${folder} has folders but no images in them. Put each image into the folder of its class.`,
    );
  return files;
}

function classesNamed(name: string, labels: Manifest['labels']): number[] {
  const byId = labels.flatMap(({ wnid }, index) => (wnid === name ? [index] : []));
  return byId.length > 0 ? byId : labels.flatMap(({ label }, index) => (label === name ? [index] : []));
}

/** Lists the names in a folder in alphabetical order, without hidden ones. */
async function entriesOf(
  folder: string,
  expected: string,
  isWanted: (entry: { isDirectory(): boolean; isFile(): boolean }) => boolean,
): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => isWanted(entry) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (cause) {
    const reason = await whyUnreadable(folder, cause);
    throw new EvaluationFolderError(`${folder} cannot be read: ${reason}. It must be ${expected}.`, cause);
  }
}

/**
 * Reads a file, but never much beyond the limit: the folder may hold a video or an archive, say.
 * @throws {ImageTooLargeError}
 */
async function readImage(path: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await readUpTo(path, maxBytes);
  if (bytes !== null) return bytes;
  throw new ImageTooLargeError(
    `the image has more than ${maxBytes} bytes, which is the limit. Make it smaller, or raise the limit.`,
  );
}

/** Yields the images in order; `image` is null for a file that was skipped. */
async function* decodedAhead(
  files: readonly LabelledFile[],
  decode: (file: LabelledFile) => Promise<DecodedImage>,
  onSkip: (file: string, error: unknown) => void,
): AsyncGenerator<{ file: LabelledFile; image: DecodedImage | null }> {
  const begin = (file: LabelledFile) => ({
    file,
    // An error waits for its turn: a promise that rejects before it is awaited ends the process.
    decoded: decode(file).then(
      (image) => ({ image }),
      (error: unknown) => ({ image: null, error }),
    ),
  });
  const ahead = files.slice(0, DECODED_AHEAD).map(begin);
  for (let next = ahead.length, current = ahead.shift(); current !== undefined; next += 1, current = ahead.shift()) {
    const { file } = current;
    const following = files[next];
    if (following) ahead.push(begin(following));
    const decoded = await current.decoded;
    if ('error' in decoded) onSkip(file.path, decoded.error);
    yield { file, image: decoded.image };
  }
}
