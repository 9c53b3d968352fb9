import { createHash } from 'node:crypto';
import * as z from 'zod';
import { parseUploadEvents } from '../../../functions/tag-upload/event.ts';
import {
  HEAVY_QUEUE,
  SERVICE_BUCKET,
  UPLOADS_BUCKET,
  UPLOADS_DEAD_LETTERS,
  UPLOADS_PARKED,
  UPLOADS_QUEUE,
} from '../../../local/names.ts';
import { HEAVY_NAME, MODEL_NAME } from '../../functions/tagging/word-classifier.ts';
import { audit } from '../audit.ts';
import { type Found, itemSchema } from '../found.ts';
import { HEAVY_PREFIX } from './environment.ts';
import { eTagOf, type PlannedBucket, predictionsOf } from './expected.ts';
import type { Machine } from './machine.ts';
import type { StoredVersion } from './memory-s3.ts';
import type { Published } from './serve-call.ts';
import type { KnownJob } from './users.ts';

export const HEAVY_DEAD_LETTERS = `${HEAVY_QUEUE}-dead-letters`;

/** What is left of a run. */
export interface Left {
  readonly machine: Machine;
  readonly bucket: PlannedBucket;
  readonly published: readonly Published[];
  readonly jobs: readonly KnownJob[];
  /** Keys for which a request for the thumbnail failed: one may be kept unseen. */
  readonly unfinishedThumbnails: ReadonlySet<string>;
  /** Prefixes of backfills: what failed in a run is tried again by the next. */
  readonly prefixes: ReadonlySet<string>;
}

/** A message that was given up, and what it is about. */
interface GivenUp {
  readonly queue: string;
  readonly key: string;
  readonly words: string;
}

const requestSchema = z.object({
  jobId: z.string().nullable(),
  source: z.object({ key: z.string(), eTag: z.string() }),
});
const jobSchema = z.object({
  id: z.string(),
  state: z.string(),
  predictions: z.array(z.object({ label: z.string(), probability: z.number() })),
  reason: z.object({ code: z.string() }).nullable(),
});

/**
 * Compares what is left with what must be, while messages that were given up still lie where they
 * were put: their images must be recorded, whatever the state.
 */
export function auditBeforeRedrive(left: Left): string[] {
  const givenUp = findGivenUp(left);
  const unanswered = new Set(
    givenUp.filter(({ queue, key }) => queue === UPLOADS_PARKED || key.startsWith(HEAVY_PREFIX)).map(({ key }) => key),
  );
  const excused = new Set(givenUp.map(({ key }) => key));
  const { items } = findLeft(left);
  const unrecorded = left.bucket
    .expected()
    .filter(({ key }) => unanswered.has(key) && !items.some((item) => item.key === key))
    .map(({ key }) => `${key}: its message was given up, and nothing is recorded`);
  const others = auditImages(left).filter((fault) => {
    return (
      ![...excused].some((key) => fault.startsWith(`${key}: `)) &&
      ![...left.prefixes].some((prefix) => fault.startsWith(prefix))
    );
  });
  return [...unrecorded, ...others, ...auditAnswers(left)];
}

/**
 * The same once everything that was given up was sent back, and only what cannot be done is left.
 */
export function auditInTheEnd(left: Left): string[] {
  const wrong = findGivenUp(left)
    .filter(({ words }) => !words.startsWith('broken') && !words.startsWith('crash'))
    .map(({ queue, key, words }) => `${key}: a message about ${words} is left in ${queue}`);
  return [...wrong, ...auditImages(left), ...auditAnswers(left), ...auditJobs(left), ...auditThumbnails(left)];
}

function auditImages(left: Left): string[] {
  const { bucket } = left;
  const found = findLeft(left);
  const faults = audit(found, bucket.expected(), { bucket: UPLOADS_BUCKET, deleted: bucket.gone() });
  const uncovered = [...bucket.uncovered];
  const stale = found.items.filter(({ key, sk, deletedAt, eTag }) => {
    return sk === 'IMAGE' && !deletedAt && uncovered.includes(key) && found.objects.get(key)?.eTag !== eTag;
  });
  return [
    ...faults.filter((fault) => !uncovered.some((key) => fault.startsWith(`${key}: `))),
    ...stale.map(({ key }) => `${key}: the record is about a version that is gone`),
  ];
}

/**
 * Nothing may have another image's answer: no version, no message; and no thumbnail may be of other
 * content.
 */
function auditAnswers({ machine: { s3 }, published, bucket }: Left): string[] {
  const versions = [...s3.keysOf(UPLOADS_BUCKET)].flatMap(([key, all]) => all.map((version) => ({ key, version })));
  const tagged = versions.flatMap(({ key, version }) => {
    const label = version.tags['autoswiftnet:label'];
    const model = version.tags['autoswiftnet:model'] ?? MODEL_NAME;
    const words = wordsIn(bucket, key, version.eTag);
    const isOwn = label === undefined || (words !== undefined && predictionsOf(words, model)[0]?.label === label);
    return isOwn ? [] : [`${key} version ${version.versionId}: its tag ${label} is of another image`];
  });
  const told = published.flatMap(({ key, predictions }) => {
    const words = [...(bucket.words.get(key) ?? [])];
    const isOwn =
      predictions.length === 0 ||
      words.some((one) =>
        [MODEL_NAME, HEAVY_NAME].some((model) => predictionsOf(one, model)[0]?.label === predictions[0]?.label),
      );
    return isOwn ? [] : [`${key}: the result ${predictions[0]?.label} was published, of another image`];
  });
  return [...tagged, ...told];
}

/** Each job that a user knows of has its answer, and no other has a wrong one. */
function auditJobs({ machine: { table }, jobs }: Left): string[] {
  const items = table
    .all()
    .filter(({ sk }) => sk === 'JOB')
    .map((item) => jobSchema.parse(item));
  return jobs.flatMap(({ id, words }) => {
    const job = items.find((item) => item.id === id);
    if (job === undefined) return [`job ${id}: it is gone`];
    const found = JSON.stringify([
      job.state,
      job.predictions.map(({ label, probability }) => ({ label, probability })),
    ]);
    const ends = words.map((one) => JSON.stringify(endOfJob(one)));
    // An object may be gone when its job's turn comes.
    if (words.length !== 1) ends.push(JSON.stringify(['rejected', []]));
    return ends.includes(found)
      ? []
      : [`job ${id} about ${words.join(' or ')}: it is ${found}, expected ${ends.join(' or ')}`];
  });
}

/** A thumbnail goes with its image: none may be left of an image that was deleted or replaced. */
function auditThumbnails({ machine: { s3 }, bucket, unfinishedThumbnails }: Left): string[] {
  const keys = new Map([...bucket.words.keys()].map((key) => [digestOf(`${UPLOADS_BUCKET}/${key}`), key]));
  return [...s3.keysOf(SERVICE_BUCKET)].flatMap(([kept, [thumbnail]]) => {
    if (!kept.startsWith('thumbnails/')) return [];
    const key = keys.get(kept.slice('thumbnails/'.length, -'.webp'.length));
    if (key === undefined) return [`${kept}: there is a thumbnail of no image`];
    const [current] = s3.keysOf(UPLOADS_BUCKET).get(key) ?? [];
    const isOfCurrent = current?.bytes && thumbnail?.metadata['image-etag'] === current.eTag;
    return isOfCurrent || unfinishedThumbnails.has(key) ? [] : [`${key}: a thumbnail of earlier content is left`];
  });
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function endOfJob(words: string): [state: string, predictions: object[]] {
  if (words.startsWith('broken') || words.startsWith('crash')) return ['failed', []];
  return words.startsWith('bad') ? ['rejected', []] : ['done', predictionsOf(words, HEAVY_NAME)];
}

function findLeft({ machine: { s3, table, queues }, published }: Left): Found {
  const current = [...s3.keysOf(UPLOADS_BUCKET)].flatMap(([key, [version]]) =>
    version?.bytes ? [[key, { eTag: version.eTag, tags: version.tags }] as const] : [],
  );
  return {
    objects: new Map(current),
    items: table
      .all()
      .filter(({ pk }) => String(pk).startsWith('IMAGE#'))
      .map((item) => itemSchema.parse(item)),
    messages: published,
    queues: Object.fromEntries(
      [UPLOADS_QUEUE, HEAVY_QUEUE, UPLOADS_DEAD_LETTERS].map((name) => [name, queues.messagesOf(name).length]),
    ),
  };
}

function findGivenUp(left: Left): GivenUp[] {
  const {
    machine: { queues },
    bucket,
  } = left;
  const parked = queues
    .messagesOf(UPLOADS_PARKED)
    .flatMap(({ body }) =>
      parseUploadEvents(body).flatMap((event) =>
        event.kind === 'created'
          ? [{ queue: UPLOADS_PARKED, key: event.name.key, words: wordsIn(bucket, event.name.key, event.eTag) ?? '' }]
          : 'name' in event
            ? [{ queue: UPLOADS_PARKED, key: event.name.key, words: 'a deletion' }]
            : [],
      ),
    );
  const heavy = queues.messagesOf(HEAVY_DEAD_LETTERS).map(({ body }) => {
    return { queue: HEAVY_DEAD_LETTERS, ...pictureOfRequest(left, body) };
  });
  return [...parked, ...heavy];
}

/** What a request to the heavy model is about. */
export function pictureOfRequest({ machine: { s3 }, bucket }: Pick<Left, 'machine' | 'bucket'>, body: string) {
  const { jobId, source } = requestSchema.parse(JSON.parse(body));
  const posted = jobId === null ? undefined : s3.keysOf(SERVICE_BUCKET).get(source.key)?.[0];
  const words = posted === undefined ? (wordsIn(bucket, source.key, source.eTag) ?? '') : wordsOfVersion(posted);
  return { key: source.key, words };
}

function wordsIn(bucket: PlannedBucket, key: string, eTag: string | null): string | undefined {
  return [...(bucket.words.get(key) ?? [])].find((words) => eTagOf(words) === eTag);
}

function wordsOfVersion(version: StoredVersion | undefined): string {
  return version?.bytes?.subarray(8).toString() ?? '';
}
