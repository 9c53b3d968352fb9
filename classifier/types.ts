import type { SelfTestError } from './errors.ts';
import type { Region, Size } from './fit.ts';
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
  /** Present where an explanation was asked for: reading the class's weights and drawing the overlay. */
  readonly explain?: number;
  readonly total: number;
}

/** Where in the picture a class was seen: its class activation map (Zhou et al. 2016), as numbers and drawn. */
export interface Explanation {
  readonly label: string;
  /** The class's index in the model's output, from 0. */
  readonly index: number;
  /**
   * float32 [7, 7] (row, column): how much each place of the model's input speaks for the class, in the unit of logits; negative
   * where a place speaks against it.
   */
  readonly map: Float32Array;
  /** The part of the picture that the model saw, in the picture's pixels; these need not be whole. */
  readonly region: Region;
  /** A PNG (RGBA) in the picture's proportions, smaller; transparent where nothing was seen, and outside `region`. */
  readonly overlay: Size & { readonly png: Uint8Array };
}

export interface Classification {
  readonly predictions: readonly Prediction[];
  readonly image: ImageFacts;
  readonly timings: Timings;
  /** Where the most probable class was seen; present where it was asked for. */
  readonly explanation?: Explanation;
}

/** One entry per input, in order: a bad image fails alone. */
export type ClassifyEntry = Classification | { readonly error: Error };

export interface ClassifyOptions {
  /** How many predictions, best first. Default 5; at most the number of classes are returned. */
  readonly top?: number;
  /** Whether to add where in the picture the most probable class was seen. Default false. */
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

/** How a model that failed its self-test was brought to give right answers after all. */
export interface Fallback {
  /** `exact-int8`: the same package by slower kernels that cannot saturate. `fp32`: the package that it was made of, which lies beside it. */
  readonly kind: 'exact-int8' | 'fp32';
  readonly reason: SelfTestError;
}
