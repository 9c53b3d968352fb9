import { type LazyHierarchy, readHierarchy } from './concepts/read-hierarchy.ts';
import { DEFAULT_CONCEPT_THRESHOLD } from './concepts/sum-concepts.ts';
import { decodeImage } from './decode/decode.ts';
import { ClosedError, InvalidArgumentError } from './errors.ts';
import { explain } from './explain.ts';
import { interpret } from './interpret.ts';
import type { Manifest } from './manifest.ts';
import { type OpenModel, openModel } from './open-model.ts';
import { INPUT_ELEMENTS } from './self-test.ts';
import type {
  Classification,
  ClassifierOptions,
  ClassifyEntry,
  ClassifyOptions,
  DecodedImage,
  DecodeLimits,
  Fallback,
} from './types.ts';

export const DEFAULT_TOP = 5;

/** An open model package. */
export interface Classifier {
  /** Manifest of the package in use; differs from the requested one when `fallback` is set. */
  readonly manifest: Manifest;
  /**
   * Null, unless the requested package failed its self-test on this machine; then it says what is
   * used instead.
   */
  readonly fallback: Fallback | null;
  /** The concepts above the classes, parsed when it is called; null if the package has none. */
  readonly hierarchy: LazyHierarchy | null;
  /**
   * Classifies encoded or decoded images, one after the other: on the CPU a batch is no faster.
   * @returns one entry per input, in order; an image that cannot be classified gives `{ error }`
   *   and does not affect the others
   * @throws {ClosedError} after `close`
   * @throws {InvalidArgumentError} when `top` is not a positive whole number
   */
  classify(images: readonly (Uint8Array | DecodedImage)[], options?: ClassifyOptions): Promise<ClassifyEntry[]>;
  /** Waits for the calls in progress, then frees the model. */
  close(): Promise<void>;
}

/**
 * Opens a model package: checks its manifest, loads its graph and weights, and runs its self-test.
 * @throws {InvalidPackageError} listing every fault of the package
 * @throws {InvalidArgumentError} when `conceptThreshold` is not a number from 0 to 1
 * @throws {SelfTestError} when the package, and every fallback for it, fails the self-test
 * @example
 * const classifier = await openClassifier('models/cache/resnet50_swsl');
 * const [entry] = await classifier.classify([await readFile('cat.jpg')]);
 * // { predictions: [{ rank: 1, label: 'tabby', wnid: 'n02123045', index: 281, … }, …],
 * //   concepts: [{ id: 'n02121808', label: 'domestic cat', probability: 0.93 }, …],
 * //   concept: { id: 'n02121808', … }, image: …, timings: … }
 */
export async function openClassifier(packageDir: string, options: ClassifierOptions = {}): Promise<Classifier> {
  const { threads, limits = {}, conceptThreshold = DEFAULT_CONCEPT_THRESHOLD } = options;
  requireShare('conceptThreshold', conceptThreshold);
  const model = await openModel(packageDir, threads === undefined ? {} : { threads });
  const { manifest, session, fallback } = model;
  const hierarchy = await readHierarchy(model.packageDir, manifest).catch(async (error: unknown) => {
    await session.release();
    throw error;
  });
  const inProgress = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function classifyAll(
    images: readonly (Uint8Array | DecodedImage)[],
    request: Required<ClassifyOptions>,
  ): Promise<ClassifyEntry[]> {
    const entries: ClassifyEntry[] = [];
    const full = { ...request, conceptThreshold, limits };
    for (const image of images) entries.push(await classifyOne({ ...model, hierarchy }, image, full).catch(asFailed));
    return entries;
  }

  return {
    manifest,
    fallback,
    hierarchy,
    async classify(images, { top = DEFAULT_TOP, explain: explained = false } = {}) {
      if (closing)
        throw new ClosedError(`the classifier of ${packageDir} is closed; open a new one with openClassifier`);
      if (!Number.isInteger(top) || top < 1) {
        throw new InvalidArgumentError(
          `expected a positive whole number for top, received ${top} of type ${typeof top}`,
        );
      }
      const work = classifyAll(images, { top, explain: explained });
      inProgress.add(work);
      return work.finally(() => inProgress.delete(work));
    },
    close() {
      closing ??= Promise.allSettled(inProgress).then(() => session.release());
      return closing;
    },
  };
}

interface Request extends Required<ClassifyOptions> {
  readonly conceptThreshold: number;
  readonly limits: DecodeLimits;
}

async function classifyOne(
  model: OpenModel & { readonly hierarchy: LazyHierarchy | null },
  image: Uint8Array | DecodedImage,
  { limits, explain: explained, ...wanted }: Request,
): Promise<Classification> {
  const { manifest, session, hierarchy } = model;
  const start = performance.now();
  const { pixels, ...facts } = await toDecoded(image, manifest, limits);
  const decodedAt = performance.now();
  const { logits, features } = explained
    ? await session.runWithFeatures(pixels, 1)
    : { logits: await session.run(pixels, 1), features: null };
  const ranAt = performance.now();
  const findings = interpret(logits, manifest, hierarchy, wanted);
  const timings = { decode: decodedAt - start, run: ranAt - decodedAt, total: ranAt - start };
  const [best] = findings.predictions;
  if (features === null || best === undefined) return { ...findings, image: facts, timings };
  const explanation = await explain(model, features, facts, best);
  const end = performance.now();
  return { ...findings, image: facts, timings: { ...timings, explain: end - ranAt, total: end - start }, explanation };
}

function requireShare(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new InvalidArgumentError(
    `expected a number from 0 to 1 for ${name}, received ${value} of type ${typeof value}`,
  );
}

function asFailed(error: unknown): { readonly error: Error } {
  return { error: error instanceof Error ? error : new Error(String(error), { cause: error }) };
}

async function toDecoded(
  image: Uint8Array | DecodedImage,
  { preprocessing }: Manifest,
  limits: DecodeLimits,
): Promise<DecodedImage> {
  if (image instanceof Uint8Array) return decodeImage(image, preprocessing, limits);
  // A caller in plain JavaScript may pass anything.
  const pixels: unknown = image?.pixels;
  if (pixels instanceof Uint8Array && pixels.length === INPUT_ELEMENTS) return image;
  const received = pixels instanceof Uint8Array ? `${pixels.length} bytes` : typeof (pixels ?? image);
  throw new InvalidArgumentError(
    `expected the bytes of an image file, or a decoded image with ${INPUT_ELEMENTS} bytes of pixels (uint8 [224, 224, 3]), received ${received}`,
  );
}
