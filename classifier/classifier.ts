import { activationMap } from './activation-map.ts';
import { readClassifierRow } from './classifier-weights.ts';
import { decodeImage } from './decode.ts';
import { ClosedError, InvalidArgumentError } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { type Fallback, openModel } from './open-model.ts';
import { predict } from './predict.ts';
import { INPUT_ELEMENTS } from './self-test.ts';
import type {
  ActivationMap,
  Classification,
  ClassifierOptions,
  ClassifyEntry,
  ClassifyOptions,
  DecodedImage,
  DecodeLimits,
} from './types.ts';

export const DEFAULT_TOP = 5;

/** A model package, open. */
export interface Classifier {
  /** Of what answers. */
  readonly manifest: Manifest;
  /** Null as a rule. Else the package that was asked for computes wrongly here, and this is what was done about it. */
  readonly fallback: Fallback | null;
  /**
   * Classifies encoded or decoded images, one after the other: on the CPU a batch gains nothing.
   * @returns one entry per input, in order; an image that cannot be classified fails alone, as `{ error }`
   * @throws {ClosedError} after `close`
   * @throws {InvalidArgumentError} when `top` is no positive whole number
   */
  classify(images: readonly (Uint8Array | DecodedImage)[], options?: ClassifyOptions): Promise<ClassifyEntry[]>;
  /** Waits for what is in progress, then frees the model. */
  close(): Promise<void>;
}

/**
 * Opens a model package: manifest, graph, weights and self-test.
 * @throws {InvalidPackageError} listing every fault of the package
 * @throws {SelfTestError} when it computes something else here than where it was converted, and so does all that could take its place
 * @example
 * const classifier = await openClassifier('models/cache/resnet50_swsl');
 * const [entry] = await classifier.classify([await readFile('cat.jpg')]);
 * // { predictions: [{ rank: 1, label: 'tabby', wnid: 'n02123045', index: 281, probability: 0.62 }, …], image: …, timings: … }
 */
export async function openClassifier(packageDir: string, options: ClassifierOptions = {}): Promise<Classifier> {
  const { threads, limits = {} } = options;
  const model = await openModel(packageDir, threads === undefined ? {} : { threads });
  const { manifest, session, fallback } = model;
  const inProgress = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function runExplained(pixels: Uint8Array): Promise<{ logits: Float32Array; activation: ActivationMap }> {
    const { logits, features } = await session.runWithFeatures(pixels, 1);
    const index = predict(logits, manifest.labels, 1)[0]?.index ?? 0;
    const weights = await readClassifierRow(model.packageDir, manifest, index);
    return { logits, activation: { index, values: activationMap(features, weights) } };
  }

  async function classifyOne(image: Uint8Array | DecodedImage, top: number, explain: boolean): Promise<ClassifyEntry> {
    try {
      const start = performance.now();
      const decoded = await toDecoded(image, manifest, limits);
      const decodedAt = performance.now();
      const { logits, ...explained } = explain
        ? await runExplained(decoded.pixels)
        : { logits: await session.run(decoded.pixels, 1) };
      const end = performance.now();
      const { pixels: _, ...facts } = decoded;
      return {
        predictions: predict(logits, manifest.labels, top),
        image: facts,
        timings: { decode: decodedAt - start, run: end - decodedAt, total: end - start },
        ...explained,
      } satisfies Classification;
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error), { cause: error }) };
    }
  }

  async function classifyAll(
    images: readonly (Uint8Array | DecodedImage)[],
    top: number,
    explain: boolean,
  ): Promise<ClassifyEntry[]> {
    const entries: ClassifyEntry[] = [];
    for (const image of images) entries.push(await classifyOne(image, top, explain));
    return entries;
  }

  return {
    manifest,
    fallback,
    async classify(images, { top = DEFAULT_TOP, explain = false } = {}) {
      if (closing)
        throw new ClosedError(`the classifier of ${packageDir} is closed; open a new one with openClassifier`);
      if (!Number.isInteger(top) || top < 1) {
        throw new InvalidArgumentError(
          `expected a positive whole number for top, received ${top} of type ${typeof top}`,
        );
      }
      const work = classifyAll(images, top, explain);
      inProgress.add(work);
      return work.finally(() => inProgress.delete(work));
    },
    close() {
      closing ??= Promise.allSettled(inProgress).then(() => session.release());
      return closing;
    },
  };
}

async function toDecoded(
  image: Uint8Array | DecodedImage,
  { preprocessing }: Manifest,
  limits: DecodeLimits,
): Promise<DecodedImage> {
  if (image instanceof Uint8Array) return decodeImage(image, preprocessing, limits);
  // Whoever writes JavaScript may hand in anything.
  const pixels: unknown = image?.pixels;
  if (pixels instanceof Uint8Array && pixels.length === INPUT_ELEMENTS) return image;
  const received = pixels instanceof Uint8Array ? `${pixels.length} bytes` : typeof (pixels ?? image);
  throw new InvalidArgumentError(
    `expected the bytes of an image file, or a decoded image with ${INPUT_ELEMENTS} bytes of pixels (uint8 [224, 224, 3]), received ${received}`,
  );
}
