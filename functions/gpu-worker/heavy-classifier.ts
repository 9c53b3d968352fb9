import { decodeImage } from '../../classifier/decode.ts';
import { predict } from '../../classifier/predict.ts';
import type { Classification, DecodedImage, DecodeLimits } from '../../classifier/types.ts';
import type { JobExplanation } from '../records/job.ts';
import type { Batcher, ImageResult } from './inference/batcher.ts';
import type { ServedModel } from './models/model-shelf.ts';

export interface HeavyClassifierOptions {
  readonly batcher: Batcher;
  readonly limits: DecodeLimits;
  /** Says where the most probable class was seen, by the last convolution's output. */
  readonly explain: (
    model: ServedModel,
    image: DecodedImage,
    features: Float32Array,
    classification: Classification,
  ) => Promise<JobExplanation>;
}

export interface HeavyAnswer extends Classification {
  readonly explanation: JobExplanation | null;
}

export interface ClassifyRequest {
  readonly top: number;
  readonly explain: boolean;
  /** Called once the bytes are no longer needed. */
  readonly onDecoded: () => void;
}

/** Decodes images and has them classified in batches. */
export interface HeavyClassifier {
  /**
   * @throws {ImageError} when the image cannot be classified
   * @throws {InferenceError} {@link OutOfMemoryError} {@link BrokenEngineError}
   */
  classify(model: ServedModel, bytes: Uint8Array, request: ClassifyRequest): Promise<HeavyAnswer>;
}

export function createHeavyClassifier({ batcher, limits, explain }: HeavyClassifierOptions): HeavyClassifier {
  return {
    async classify(model, bytes, request) {
      const start = performance.now();
      const image = await decodeImage(bytes, model.manifest.preprocessing, limits);
      request.onDecoded();
      const decodedAt = performance.now();
      const batched = { name: model.name, classes: model.manifest.classes, sizes: model.sizes };
      const result = await batcher.submit(batched, image.pixels, request.explain);
      const times = { decode: decodedAt - start, run: result.run, total: performance.now() - start };
      return answer(model, image, result, times, request);
    },
  };

  async function answer(
    model: ServedModel,
    image: DecodedImage,
    { logits, features }: ImageResult,
    timings: Classification['timings'],
    { top }: ClassifyRequest,
  ): Promise<HeavyAnswer> {
    const { pixels: _, ...facts } = image;
    const classification = { predictions: predict(logits, model.manifest.labels, top), image: facts, timings };
    const explanation = features === null ? null : await explain(model, image, features, classification);
    return { ...classification, explanation };
  }
}
