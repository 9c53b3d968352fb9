import type { HeavyRequest } from '../routing/heavy-message.ts';
import type { CreatedEvent } from '../tagging/created-event.ts';
import type { ImageClassifier } from '../tagging/inspect.ts';
import type { ObjectStore } from '../tagging/objects.ts';
import type { Effects } from '../tagging/settle.ts';
import { failImage, type Outcome, type TagImageDependencies, tagImage } from '../tagging/tag-image.ts';
import type { Reason } from '../wire.ts';
import type { HeavyClassifier } from './heavy-classifier.ts';
import type { ServedModel } from './models/model-shelf.ts';

export interface AnswerImageDependencies extends Effects {
  readonly objects: ObjectStore;
  readonly maxImageBytes: number;
  readonly classifier: HeavyClassifier;
}

/**
 * Answers about an image of the bucket: its tags and its record, at stage 1, by the same steps as the small model's function.
 * @param onDecoded called once the image's bytes are no longer held
 */
export function answerImage(
  request: HeavyRequest,
  model: ServedModel,
  dependencies: AnswerImageDependencies,
  onDecoded: () => void,
): Promise<Outcome> {
  const opened = asImageClassifier(model, dependencies.classifier, onDecoded);
  return tagImage(
    toEvent(request),
    toTagging(request, dependencies, async () => opened),
  );
}

/** Writes `failed`, on the last attempt. Null: something better or later stands, the small model's answer among it. */
export function failAnswer(request: HeavyRequest, reason: Reason, dependencies: AnswerImageDependencies) {
  const unused = () => Promise.reject(new TypeError('no image is classified when a failure is recorded'));
  return failImage(toEvent(request), reason, toTagging(request, dependencies, unused));
}

/** The upload that a request is about. */
export function toEvent({ source }: HeavyRequest): CreatedEvent {
  const { bucket, key, versionId, eTag, sequencer } = source;
  return { kind: 'created', name: { bucket, key }, versionId, eTag, size: null, sequencer };
}

function toTagging(
  request: HeavyRequest,
  dependencies: AnswerImageDependencies,
  classifier: () => Promise<ImageClassifier>,
): TagImageDependencies {
  const { model } = request;
  return {
    ...dependencies,
    classifier,
    modelName: model,
    stage: 1,
    // The decision was made where the message was sent.
    choose: () => ({ kind: 'small', model }),
    askHeavy: null,
  };
}

/** An image that cannot be classified, or a run that failed, is that image's own result. */
function asImageClassifier(model: ServedModel, classifier: HeavyClassifier, onDecoded: () => void): ImageClassifier {
  return {
    // Under the name by which it was asked, whatever the package calls itself.
    manifest: { name: model.name, files: model.manifest.files },
    classify: (images, { top = 5 } = {}) =>
      Promise.all(
        images.map((bytes) =>
          classifier
            .classify(model, bytes, { top, explain: false, onDecoded })
            .catch((error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) })),
        ),
      ),
  };
}
