import type { Manifest } from '../../classifier/manifest.ts';
import type { Classification, ClassifyEntry, ClassifyOptions } from '../../classifier/types.ts';
import { RECORD_PREDICTIONS } from '../records/record.ts';
import type { Route } from '../routing/route.ts';
import type { Turns } from '../side-by-side/turns.ts';

/** The model that answers about an image in this process. */
export type Answerer = SmallAnswerer | HeavyAnswerer;

interface ModelAnswerer {
  /** Name of the model. It is recorded even for images that the model never saw. */
  readonly modelName: string;
  /** @throws {ImageError} when the image cannot be classified; any other error is our fault */
  classify(bytes: Uint8Array): Promise<ModelAnswer>;
  /** SHA-256 of the `weights.bin` that answers, as records have it. */
  modelSha256(): Promise<string>;
}

/**
 * The small model, which answers at stage 0. It may leave an image to a heavy model, or ask one for
 * a second answer.
 */
export interface SmallAnswerer extends ModelAnswerer {
  readonly kind: 'small';
  readonly stage: 0;
  /** Chooses the model by the object's key and the model that the object requests. */
  readonly chooseRoute: (key: string, requestedModel: string | null) => Route;
  /** Names of the heavy models. What one of them has answered, the small model leaves alone. */
  readonly heavyModels: readonly string[];
}

/**
 * The heavy model that a message names, which answers at stage 1. The sender of the message chose
 * the route.
 */
export interface HeavyAnswerer extends ModelAnswerer {
  readonly kind: 'heavy';
  readonly stage: 1;
}

/**
 * What a model says about one image, and which package it has. `sha256` is the checksum of that
 * package's `weights.bin`.
 */
export interface ModelAnswer extends Omit<Classification, 'explanation'> {
  readonly model: { readonly name: string; readonly sha256: string };
}

/** The part of a classifier that tagging uses. */
export interface ImageClassifier {
  readonly manifest: Pick<Manifest, 'name' | 'files'>;
  classify(images: readonly Uint8Array[], options?: ClassifyOptions): Promise<readonly ClassifyEntry[]>;
}

/**
 * Makes the answerer of the small model.
 * @param open returns the open classifier; after a failure it tries to open it again
 * @param routes which model answers about an object, and which heavy models there are
 * @param processor the turns in which images are decoded and classified
 */
export function createSmallAnswerer(
  modelName: string,
  open: () => Promise<ImageClassifier>,
  routes: Pick<SmallAnswerer, 'chooseRoute' | 'heavyModels'>,
  processor: Turns,
): SmallAnswerer {
  return {
    kind: 'small',
    stage: 0,
    modelName,
    ...routes,
    async modelSha256() {
      return (await open()).manifest.files['weights.bin'].sha256;
    },
    async classify(bytes) {
      const classifier = await open();
      const [entry] = await processor.take(() => classifier.classify([bytes], { top: RECORD_PREDICTIONS }));
      if (entry === undefined) throw new TypeError('the classifier returned no entry for the image');
      if ('error' in entry) throw entry.error;
      const { name, files } = classifier.manifest;
      return { ...entry, model: { name, sha256: files['weights.bin'].sha256 } };
    },
  };
}
