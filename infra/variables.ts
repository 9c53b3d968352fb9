import type { Configuration } from './configuration.ts';
import type { FunctionVariables } from './service-function.ts';

/** What every function that classifies is told of the model and of what to do with its answers. */
export function classificationVariables(configuration: Configuration, model: string): FunctionVariables {
  return {
    AUTOSWIFTNET_MODEL: model,
    AUTOSWIFTNET_TAG_LABELS: String(configuration.tagLabels),
    AUTOSWIFTNET_TAG_THRESHOLD: String(configuration.tagThreshold),
    AUTOSWIFTNET_INDEX_THRESHOLD: String(configuration.indexThreshold),
    AUTOSWIFTNET_MAX_IMAGE_BYTES: String(configuration.maxImageBytes),
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: String(configuration.maxImagePixels),
  };
}
