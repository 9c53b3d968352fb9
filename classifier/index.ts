export { type Classifier, DEFAULT_TOP, openClassifier } from './classifier.ts';
export { blockOtherLoaders } from './decode/block-other-loaders.ts';
export { decodeImage } from './decode/decode.ts';
export { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS } from './decode/limits.ts';
export {
  AutoSwiftNetError,
  ClosedError,
  ExecutionProviderError,
  ImageError,
  ImageTooLargeError,
  InvalidArgumentError,
  InvalidPackageError,
  NativePackageError,
  NotAnImageError,
  SelfTestError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedFormatError,
} from './errors.ts';
export { type Manifest, type Precision, readManifest } from './manifest.ts';
export type {
  Classification,
  ClassifierOptions,
  ClassifyEntry,
  ClassifyOptions,
  Concept,
  DecodedImage,
  DecodeLimits,
  Explanation,
  Fallback,
  ImageFacts,
  ImageFormat,
  Prediction,
  Preprocessing,
  Timings,
} from './types.ts';
