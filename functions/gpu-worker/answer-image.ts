import { RECORD_PREDICTIONS } from '../records/record.ts';
import type { HeavyRequest } from '../routing/heavy-message.ts';
import { UNLIMITED } from '../side-by-side/memory.ts';
import type { HeavyAnswerer } from '../tagging/answerer.ts';
import type { Effects } from '../tagging/effects.ts';
import { failImage } from '../tagging/fail-image.ts';
import type { CreatedEvent } from '../tagging/image-event.ts';
import type { Outcome } from '../tagging/outcome.ts';
import { tagImage } from '../tagging/tag-image.ts';
import type { Reason } from '../wire.ts';
import type { HeavyClassifier } from './heavy-classifier.ts';
import type { ServedModel } from './models/model-shelf.ts';

export interface AnswerImageDependencies extends Omit<Effects, 'askHeavy'> {
  readonly maxImageBytes: number;
  readonly classifier: HeavyClassifier;
}

/**
 * Writes the heavy model's answer about an image of the bucket: record and tags, at stage 1. It
 * takes the same steps as the function of the small model.
 * @param onDecoded called once the image's bytes are no longer needed
 */
export function answerImage(
  request: HeavyRequest,
  model: ServedModel,
  dependencies: AnswerImageDependencies,
  onDecoded: () => void,
): Promise<Outcome> {
  const answerer = createHeavyAnswerer(model, dependencies.classifier, onDecoded);
  // The worker has a gate of its own in front of this.
  return tagImage(toEvent(request), { ...dependencies, answerer, askHeavy: null, memory: UNLIMITED });
}

/**
 * Records `failed` after the last attempt.
 * @returns null when a better or later result is stored, for example the small model's answer
 */
export function failAnswer(request: HeavyRequest, reason: Reason, dependencies: Omit<Effects, 'askHeavy'>) {
  const answerer = { stage: 1, modelName: request.model } as const;
  return failImage(toEvent(request), reason, { ...dependencies, answerer });
}

/** The upload that a request is about. */
function toEvent({ source }: HeavyRequest): CreatedEvent {
  const { bucket, key, versionId, eTag, sequencer } = source;
  return { kind: 'created', name: { bucket, key }, versionId, eTag, size: null, sequencer, time: null };
}

function createHeavyAnswerer(model: ServedModel, classifier: HeavyClassifier, onDecoded: () => void): HeavyAnswerer {
  return {
    kind: 'heavy',
    stage: 1,
    modelName: model.name,
    modelSha256: async () => model.manifest.files['weights.bin'].sha256,
    async classify(bytes) {
      const answer = await classifier.classify(model, bytes, { top: RECORD_PREDICTIONS, explain: false, onDecoded });
      // The requested name. The package may have another name in its manifest.
      const { name, manifest } = model;
      return { ...answer, model: { name, sha256: manifest.files['weights.bin'].sha256 } };
    },
  };
}
