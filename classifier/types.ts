import type { Preprocessing } from './manifest.ts';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

/** An image ready for a model: `pixels` is uint8 [224, 224, 3] (height, width, RGB); the rest describes the original. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  /** Of the original, after EXIF orientation, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat;
  /** Size of the encoded original. */
  readonly bytes: number;
}

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
  /** Softmax over all classes, 0 to 1. */
  readonly probability: number;
}

/** Milliseconds. `run` of an image in a batch is the whole batch's. */
export interface Timings {
  readonly decode: number;
  readonly run: number;
  readonly total: number;
}

/** How much each place of the model's input speaks for a class (Zhou et al. 2016). */
export interface ActivationMap {
  /** The class. */
  readonly index: number;
  /** float32 [7, 7] (row, column), in the unit of logits; negative where a place speaks against it. */
  readonly values: Float32Array;
}

export interface Classification {
  readonly predictions: readonly Prediction[];
  readonly image: ImageFacts;
  readonly timings: Timings;
  /** Of the most probable class, where it was asked for. */
  readonly activation?: ActivationMap;
}

/** One entry per input, in order: a bad image fails alone. */
export type ClassifyEntry = Classification | { readonly error: Error };

export interface ClassifyOptions {
  /** How many predictions, best first. Default 5; at most the number of classes are returned. */
  readonly top?: number;
  /** Whether to add the activation map of the most probable class. Default false. */
  readonly explain?: boolean;
}

export interface DecodeLimits {
  /** Default 50,000,000 bytes. */
  readonly maxBytes?: number;
  /** Default 100,000,000 pixels, width x height by the header's word. */
  readonly maxPixels?: number;
}

export interface ClassifierOptions {
  /** Threads of one run. Default: by memory size in Lambda (one per 1,769 MB), else 1. */
  readonly threads?: number;
  readonly limits?: DecodeLimits;
}

export type { Preprocessing };
