import { decodeImage } from '../../classifier/decode/decode.ts';
import { explain } from '../../classifier/explain.ts';
import { type InterpretOptions, interpret } from '../../classifier/interpret.ts';
import type { Classification, DecodedImage, DecodeLimits } from '../../classifier/types.ts';
import type { Batcher, ImageResult } from './inference/batcher.ts';
import type { ServedModel } from './models/model-shelf.ts';

export interface HeavyClassifierOptions {
  readonly batcher: Batcher;
  readonly limits: DecodeLimits;
  /** The hedged concept of an answer is at least this probable, 0 to 1. */
  readonly conceptThreshold: number;
}

export interface ClassifyRequest {
  readonly top: number;
  readonly explain: boolean;
  /** Called once the bytes are no longer needed. */
  readonly onDecoded: () => void;
}

/** Decodes images and classifies them in batches. */
export interface HeavyClassifier {
  /**
   * @throws {ImageError} when the image cannot be classified
   * @throws {InferenceError} {@link OutOfMemoryError} {@link BrokenEngineError}
   */
  classify(model: ServedModel, bytes: Uint8Array, request: ClassifyRequest): Promise<Classification>;
}

export function createHeavyClassifier({ batcher, limits, conceptThreshold }: HeavyClassifierOptions): HeavyClassifier {
  return {
    async classify(model, bytes, request) {
      const start = performance.now();
      const image = await decodeImage(bytes, model.manifest.preprocessing, limits);
      request.onDecoded();
      const decodedAt = performance.now();
      const batched = { name: model.name, classes: model.manifest.classes, sizes: model.sizes };
      const result = await batcher.submit(batched, image.pixels, request.explain);
      const times = { decode: decodedAt - start, run: result.run, total: performance.now() - start };
      return answer(model, image, result, times, { top: request.top, conceptThreshold });
    },
  };
}

async function answer(
  model: ServedModel,
  { pixels: _, ...image }: DecodedImage,
  { logits, features }: ImageResult,
  timings: Classification['timings'],
  wanted: InterpretOptions,
): Promise<Classification> {
  const findings = interpret(logits, model.manifest, model.hierarchy, wanted);
  const [best] = findings.predictions;
  if (features === null || best === undefined) return { ...findings, image, timings };
  return { ...findings, image, timings, explanation: await explain(model, features, image, best) };
}
