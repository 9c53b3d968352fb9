import { createHash } from 'node:crypto';
import { type AutoSwiftNetError, ImageError, ImageTooLargeError, NotAnImageError } from '../../classifier/errors.ts';
import type { Manifest } from '../../classifier/manifest.ts';
import type { ClassifyEntry, ClassifyOptions, ImageFacts } from '../../classifier/types.ts';
import type { Stage } from '../records/position.ts';
import { type Entry, RECORD_PREDICTIONS, toReason } from '../records/record.ts';
import { UnknownModelError } from '../routing/errors.ts';
import { isUnsure, type Route } from '../routing/route.ts';
import type { Prediction, Reason } from '../wire.ts';
import type { CreatedEvent } from './created-event.ts';
import { type ObjectStore, type OpenObject, tooLargeMessage } from './objects.ts';
import { isAnswered } from './plan-write.ts';

/** The part of a classifier that tagging uses. */
export interface ImageClassifier {
  readonly manifest: Pick<Manifest, 'name' | 'files'>;
  classify(images: readonly Uint8Array[], options?: ClassifyOptions): Promise<readonly ClassifyEntry[]>;
}

export interface InspectDependencies {
  readonly objects: ObjectStore;
  /** Opened already, or once more after a failure; its failure is a fault of ours. */
  readonly classifier: () => Promise<ImageClassifier>;
  /** Larger objects are rejected, before download where the event tells. */
  readonly maxImageBytes: number;
  /** Which model answers, by the object's key and the model that it requests. `classifier` is the small one, or in the heavy one's place that. */
  readonly choose: (key: string, requestedModel: string | null) => Route;
  /** Of the model that `classifier` opens: 0 for the small one, 1 for the heavy one. */
  readonly stage: Stage;
}

/** What an object turned out to be. Null: not known, because it was not read or not decoded. */
export interface Finding {
  readonly eTag: string | null;
  readonly versionId: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly sha256: string | null;
  readonly image: ImageFacts | null;
  /** The package that made the predictions; `sha256` is of its `weights.bin`. */
  readonly model: { readonly name: string; readonly sha256: string } | null;
  /** Best first; empty when `reason` says why there are none. */
  readonly predictions: readonly Prediction[];
  readonly reason: Reason | null;
  /** The heavy model that is to answer as well, the small one being unsure. */
  readonly escalatedTo: string | null;
  readonly milliseconds: { readonly read: number; readonly decode: number; readonly run: number };
}

/** A heavy model is to answer, and no other. */
export interface Forward {
  readonly forwardTo: string;
  readonly eTag: string | null;
  readonly versionId: string | null;
}

/** Why there is nothing to find. `already-done`: what is stored is this very content's. */
export type NoFinding = 'gone' | 'superseded' | 'folder-marker' | 'already-done';

type Contents = Omit<Finding, 'eTag' | 'versionId' | 'size'>;

/** Of an image that could not be read, decoded or classified. */
export const NOTHING_FOUND = { sha256: null, image: null, model: null, predictions: [], escalatedTo: null } as const;

/**
 * Reads and classifies the object that an event is about: exactly that version, else only while it has the event's ETag.
 * An event without a sequencer stands for whatever is there now.
 */
export async function inspect(
  event: CreatedEvent,
  stored: Entry | null,
  dependencies: InspectDependencies,
): Promise<Finding | Forward | NoFinding> {
  const { name, size, eTag, versionId, sequencer } = event;
  if (sequencer !== null && size !== null) {
    const refused = refuseBySize(size, dependencies.maxImageBytes);
    if (refused !== null) return { eTag, versionId, size, ...refused };
  }
  const start = performance.now();
  const current = sequencer === null;
  const object = await dependencies.objects.open(
    { ...name, versionId: current ? null : versionId },
    current ? null : eTag,
  );
  if (typeof object === 'string') return object;
  const known = current && isAnswered(stored, object.eTag, dependencies.stage);
  if (known || isFolderMarker(name.key, object.size)) {
    object.discard();
    return known ? 'already-done' : 'folder-marker';
  }
  const found = { eTag: object.eTag, versionId: object.versionId ?? versionId };
  const route = dependencies.choose(name.key, object.requestedModel);
  if (route.kind === 'heavy') {
    object.discard();
    return { forwardTo: route.model, ...found };
  }
  return { ...found, size: object.size, ...(await classify(object, route, start, dependencies)) };
}

/** What consoles and tools put in place of a folder: it is no image, and leaves no record. */
export function isFolderMarker(key: string, size: number | null): boolean {
  return key.endsWith('/') && size === 0;
}

async function classify(
  object: OpenObject,
  route: Exclude<Route, { kind: 'heavy' }>,
  start: number,
  dependencies: InspectDependencies,
): Promise<Contents> {
  const { maxImageBytes } = dependencies;
  const refused =
    route.kind === 'unknown'
      ? rejection(new UnknownModelError(route.requestedModel, route.models))
      : refuseBySize(object.size, maxImageBytes);
  if (refused !== null) {
    object.discard();
    return refused;
  }
  const bytes = await object.bytes(maxImageBytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const read = performance.now() - start;
  const classifier = await dependencies.classifier();
  const [entry] = await classifier.classify([bytes], { top: RECORD_PREDICTIONS });
  if (entry === undefined) throw new TypeError('classifier: expected one entry for one image, found none');
  if ('error' in entry) {
    if (!(entry.error instanceof ImageError)) throw entry.error;
    return { ...rejection(entry.error), sha256, milliseconds: { read, decode: 0, run: 0 } };
  }
  const { predictions, image, timings } = entry;
  const { name, files } = classifier.manifest;
  return {
    sha256,
    image,
    model: { name, sha256: files['weights.bin'].sha256 },
    predictions,
    reason: null,
    escalatedTo: route.kind === 'cascade' && isUnsure(predictions, route.threshold) ? route.heavy : null,
    milliseconds: { read, decode: timings.decode, run: timings.run },
  };
}

function refuseBySize(size: number, maxBytes: number): Contents | null {
  if (size === 0) return rejection(new NotAnImageError('image of 0 bytes: expected a picture. Upload it again.'));
  if (size > maxBytes) return rejection(new ImageTooLargeError(tooLargeMessage(size, maxBytes)));
  return null;
}

function rejection({ code, message }: AutoSwiftNetError): Contents {
  return {
    ...NOTHING_FOUND,
    reason: toReason(code, message),
    milliseconds: { read: 0, decode: 0, run: 0 },
  };
}
