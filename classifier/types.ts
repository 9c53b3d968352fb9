import type { Concept } from './concepts/concept.ts';
import type { Region, Size } from './decode/fit.ts';
import type { DecodedImage, ImageFormat } from './decode/image.ts';
import type { DecodeLimits } from './decode/limits.ts';
import type { Preprocessing } from './manifest.ts';

/** What is known of an image apart from its pixels. */
export type ImageFacts = Omit<DecodedImage, 'pixels'>;

export interface Prediction {
  /** 1 is the most probable. */
  readonly rank: number;
  readonly label: string;
  /** WordNet id (`n02123045`), or null where the labels are not ImageNet's. */
  readonly wnid: string | null;
  /** The class's index in the model's output, from 0. */
  readonly index: number;
  /** Softmax probability over all classes, 0 to 1. */
  readonly probability: number;
}

/** Times in milliseconds. For an image in a batch, `run` is the time of the whole batch. */
export interface Timings {
  readonly decode: number;
  readonly run: number;
  /**
   * Time to read the class's weights and draw the overlay; present when an explanation was
   * requested.
   */
  readonly explain?: number;
  readonly total: number;
}

/**
 * Where in the image a class was seen: its class activation map (Zhou et al. 2016), as numbers and
 * as an overlay.
 */
export interface Explanation {
  readonly label: string;
  /** The class's index in the model's output, from 0. */
  readonly index: number;
  /**
   * float32 [7, 7] (row, column): how much each place of the model's input speaks for the class, in
   * the unit of logits; negative where a place speaks against it.
   */
  readonly map: Float32Array;
  /**
   * The part of the image that the model saw, in the image's pixels, not necessarily whole ones.
   */
  readonly region: Region;
  /**
   * A PNG (RGBA) with the image's proportions, but smaller; transparent where nothing was seen and
   * outside `region`.
   */
  readonly overlay: Size & { readonly png: Uint8Array };
}

export interface Classification {
  readonly predictions: readonly Prediction[];
  /**
   * What the predicted classes are: concepts above them and classes themselves, of a probability of
   * at least 0.1, the most specific first. Empty without a hierarchy in the package.
   */
  readonly concepts: readonly Concept[];
  /**
   * The most specific of `concepts` whose probability is at least `conceptThreshold`; null if there
   * is none.
   */
  readonly concept: Concept | null;
  readonly image: ImageFacts;
  readonly timings: Timings;
  /** Where the most probable class was seen; present when it was requested. */
  readonly explanation?: Explanation;
}

/** The result for one input; a bad image does not affect the others. */
export type ClassifyEntry = Classification | { readonly error: Error };

export interface ClassifyOptions {
  /** How many predictions to return, best first. Default 5; never more than there are classes. */
  readonly top?: number;
  /** Whether to add where in the image the most probable class was seen. Default false. */
  readonly explain?: boolean;
}

export interface ClassifierOptions {
  /** Threads that one run uses. Default: in Lambda one per 1,769 MB of memory, elsewhere 1. */
  readonly threads?: number;
  readonly limits?: DecodeLimits;
  /** How probable the hedged `concept` of an answer is at least, 0 to 1. Default 0.8. */
  readonly conceptThreshold?: number;
}

export type { Concept, DecodedImage, DecodeLimits, ImageFormat, Preprocessing };

/** What is used instead of a model that does not work, or computes wrongly, on this machine. */
export interface Fallback {
  /**
   * `exact-int8`: the same package, run by slower kernels that cannot saturate. `fp32`: the package
   * that it was made from, in the folder beside it. `plain-graph`: the same package's `model.onnx`,
   * which CUDA runs at half the speed.
   */
  readonly kind: 'exact-int8' | 'fp32' | 'plain-graph';
  /** A SelfTestError; for `plain-graph` also any other error of the graph that is made for CUDA. */
  readonly reason: Error;
}
