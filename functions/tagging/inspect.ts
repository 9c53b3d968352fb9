import { createHash } from 'node:crypto';
import { type AutoSwiftNetError, ImageError, ImageTooLargeError, NotAnImageError } from '../../classifier/errors.ts';
import type { ImageFacts } from '../../classifier/types.ts';
import { type ConceptFindings, toReason } from '../records/record.ts';
import { UnknownModelError } from '../routing/errors.ts';
import { isUnsure, type Route } from '../routing/route.ts';
import type { Prediction, Reason } from '../wire.ts';
import type { Answerer, ModelAnswer } from './answerer.ts';
import type { EventObject, EventObjectDependencies } from './event-object.ts';
import type { CreatedEvent } from './image-event.ts';
import { type OpenObject, tooLargeMessage } from './objects.ts';

export interface InspectDependencies extends EventObjectDependencies {
  readonly answerer: Answerer;
}

/**
 * What is known of an object apart from its content. Null: not known, because the object was not
 * read.
 */
export interface ObjectFacts {
  readonly eTag: string | null;
  readonly versionId: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** ISO 8601, UTC. When the object was written. */
  readonly lastModified: string | null;
}

/** What was found out about the object of an event. */
export type Finding =
  /** `gone`: it was deleted. `superseded`: it was replaced by other content. */
  | { readonly kind: 'gone' | 'superseded' }
  /**
   * The object stands for a folder, as consoles and tools create it. It is not an image and gets no
   * record.
   */
  | { readonly kind: 'folder-marker' }
  /** The result for its content is stored already. */
  | { readonly kind: 'finished-content'; readonly object: ObjectFacts }
  /** Only this heavy model must answer. */
  | { readonly kind: 'for-heavy-model'; readonly object: ObjectFacts; readonly model: string }
  | Classified
  | Rejected;

/** A model has answered. */
export interface Classified extends ConceptFindings {
  readonly kind: 'classified';
  readonly object: ObjectFacts;
  readonly sha256: string;
  readonly image: ImageFacts;
  readonly model: ModelAnswer['model'];
  /** Best first. */
  readonly predictions: readonly Prediction[];
  /** The heavy model that must answer as well, because the small one is unsure. */
  readonly escalatedTo: string | null;
  readonly milliseconds: AnswerTimes;
}

/** The object cannot be classified. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly object: ObjectFacts;
  /** Null: the object was not read. */
  readonly sha256: string | null;
  readonly reason: Reason;
  readonly milliseconds: AnswerTimes;
}

/** Milliseconds that each step of the answer took. */
export interface AnswerTimes {
  readonly read: number;
  readonly decode: number;
  readonly run: number;
}

/**
 * A route to a model of this process. Null for a heavy model, because its message has chosen it.
 */
type RouteHere = Extract<Route, { kind: 'small' | 'cascade' }> | null;

/**
 * Reads the object of an event and classifies it.
 * @param finishedETag content with this ETag is not classified again: its result is stored
 */
export async function inspect(
  event: CreatedEvent,
  object: EventObject,
  finishedETag: string | null,
  dependencies: InspectDependencies,
): Promise<Finding> {
  const opened = await object.open();
  if (typeof opened === 'string') return { kind: opened };
  return answer(event, object, opened, finishedETag, dependencies);
}

/**
 * Refuses an object for what the event says about it. A backfill's event is not used, because it
 * may be out of date.
 */
export function refuseUnread(
  { name, eTag, versionId, size, sequencer, time }: CreatedEvent,
  { maxImageBytes }: Pick<InspectDependencies, 'maxImageBytes'>,
): Finding | null {
  if (sequencer === null || size === null) return null;
  if (isFolderMarker(name.key, size)) return { kind: 'folder-marker' };
  const error = sizeError(size, maxImageBytes);
  return error && rejected({ eTag, versionId, size, lastModified: time }, error);
}

async function answer(
  { name, versionId }: CreatedEvent,
  source: EventObject,
  opened: OpenObject,
  finishedETag: string | null,
  { answerer, maxImageBytes }: InspectDependencies,
): Promise<Finding> {
  const { eTag, size, lastModified, requestedModel } = opened;
  const object = { eTag, versionId: opened.versionId ?? versionId, size, lastModified };
  if (finishedETag !== null && eTag === finishedETag) return { kind: 'finished-content', object };
  if (isFolderMarker(name.key, size)) return { kind: 'folder-marker' };
  const route = answerer.kind === 'small' ? answerer.chooseRoute(name.key, requestedModel) : null;
  if (route?.kind === 'heavy') return { kind: 'for-heavy-model', object, model: route.model };
  if (route?.kind === 'unknown') return rejected(object, new UnknownModelError(route.requestedModel, route.models));
  const error = sizeError(size, maxImageBytes);
  if (error !== null) return rejected(object, error);
  const bytes = await source.read(opened);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return classify(bytes, { object, sha256, read: source.milliseconds }, route, answerer);
}

async function classify(
  bytes: Uint8Array,
  { object, sha256, read }: { object: ObjectFacts; sha256: string; read: number },
  route: RouteHere,
  answerer: Answerer,
): Promise<Classified | Rejected> {
  try {
    const { predictions, concepts, concept, image, timings, model } = await answerer.classify(bytes);
    const isEscalated = route?.kind === 'cascade' && isUnsure(predictions, route.threshold);
    const milliseconds = { read, decode: timings.decode, run: timings.run };
    const escalatedTo = isEscalated ? route.heavy : null;
    const seen = { image, model, predictions, concepts, concept };
    return { kind: 'classified', object, sha256, ...seen, escalatedTo, milliseconds };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { ...rejected(object, error), sha256, milliseconds: { read, decode: 0, run: 0 } };
  }
}

function isFolderMarker(key: string, size: number): boolean {
  return key.endsWith('/') && size === 0;
}

function sizeError(size: number, maxBytes: number): ImageError | null {
  if (size === 0) return new NotAnImageError('the file is empty. Upload it again.');
  return size > maxBytes ? new ImageTooLargeError(tooLargeMessage(size, maxBytes)) : null;
}

function rejected(object: ObjectFacts, { code, message }: AutoSwiftNetError): Rejected {
  const milliseconds = { read: 0, decode: 0, run: 0 };
  return { kind: 'rejected', object, sha256: null, reason: toReason(code, message), milliseconds };
}
