import type { Manifest } from '../../classifier/manifest.ts';
import type { ClassifyEntry, ClassifyOptions } from '../../classifier/types.ts';
import { encodeExplanation } from '../encode-explanation.ts';
import type * as Wire from '../wire.ts';
import { ModelLoadingError } from './errors.ts';
import { describeKnowledge } from './knowledge.ts';

/** The part of a classifier that the API uses. */
export interface ApiClassifier {
  readonly manifest: Manifest;
  classify(images: readonly Uint8Array[], options?: ClassifyOptions): Promise<readonly ClassifyEntry[]>;
}

export interface AnswerNowDependencies {
  /** Returns the open classifier. After a failure it tries to open it again. */
  readonly classifier: () => Promise<ApiClassifier>;
  /** How long a request waits for the model to be open. Milliseconds. */
  readonly modelWaitMs: number;
}

/** The answer of the small model, without the field `escalated`. */
export type Answer = Omit<Wire.Classification, 'escalated'>;

/** Shorter than the 30 s after which API Gateway gives up, with an answer that does not say why. */
export const MODEL_WAIT_MS = 20_000;

const RETRY_AFTER_SECONDS = 5;

/**
 * Classifies a picture with the model of this process.
 * @throws {ImageError} when it cannot be classified
 * @throws {ModelLoadingError} when the model is not open in time
 */
export async function answerNow(
  bytes: Uint8Array,
  options: { readonly top: number; readonly explain: boolean },
  dependencies: AnswerNowDependencies,
): Promise<Answer> {
  const { manifest, classify } = await openInTime(dependencies);
  const [entry] = await classify([bytes], options);
  if (entry === undefined) throw new TypeError('the classifier returned no entry for the image');
  if ('error' in entry) throw entry.error;
  const { explanation, ...findings } = entry;
  return {
    model: manifest.name,
    knows: describeKnowledge(manifest),
    ...findings,
    explanation: encodeExplanation(explanation),
  };
}

async function openInTime({ classifier, modelWaitMs }: AnswerNowDependencies): Promise<ApiClassifier> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ModelLoadingError(RETRY_AFTER_SECONDS)), modelWaitMs);
  });
  try {
    return await Promise.race([classifier(), late]);
  } finally {
    clearTimeout(timer);
  }
}
