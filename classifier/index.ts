export { type Classifier, DEFAULT_TOP, openClassifier } from './classifier.ts';
export { blockOtherLoaders, DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, decodeImage } from './decode.ts';
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
