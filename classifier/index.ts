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
export type { Fallback } from './open-model.ts';
export { drawOverlay, type Overlay } from './overlay.ts';
export type {
  ActivationMap,
  Classification,
  ClassifierOptions,
  ClassifyEntry,
  ClassifyOptions,
  DecodedImage,
  DecodeLimits,
  ImageFacts,
  ImageFormat,
  Prediction,
  Preprocessing,
  Timings,
} from './types.ts';
