import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_KEY_BYTES } from '../../../functions/object-key.ts';
import { HeavyMessageError } from '../../../functions/routing/errors.ts';
import { parseHeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { MalformedEventError } from '../../../functions/tag-upload/errors.ts';
import { handleMessage } from '../../../functions/tag-upload/message.ts';
import type { UploadEvent } from '../../../functions/tag-upload/upload-event.ts';
import { validRequest } from '../../functions/routing/valid-request.ts';
import { bodyOf, throughSns } from '../../functions/tag-upload/wrapped-events.ts';
import { TaggingWorld } from '../../functions/tagging/tagging-world.ts';
import { type Attempt, HostileFault, refusalOf, type Trial, VALID } from '../kind.ts';
import type { Random } from '../random.ts';
import { JSON_CHANGES } from '../texts/change-json.ts';
import { hostileText } from '../texts/hostile-texts.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/events/s3');
const LAST_ATTEMPT = '5';
const HEAVY_SHARE = 0.1;
const HOSTILE_KEY_SHARE = 0.2;
/** What S3 takes as the value of a tag. */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/**
 * Opens the events: those of S3, as they are, through SNS and through EventBridge, changed; events
 * with hostile keys; and messages of the heavy queue. Each event goes through the tagging
 * function's own path, on a bucket and a table in memory.
 */
export async function openEvents(): Promise<Trial> {
  const bodies = readdirSync(FIXTURES)
    .sort()
    .map((name) => [name.replace('.json', ''), bodyOf(name.replace('.json', ''))] as const);
  return { make: (random) => eventAttempt(random, bodies), close: async () => undefined };
}

export function eventAttempt(random: Random, bodies: readonly (readonly [string, string])[]): Attempt {
  const change = random.oneOf(Object.keys(JSON_CHANGES));
  const changed = (text: string) => JSON_CHANGES[change]?.(text, random) ?? text;
  if (random.isChance(HEAVY_SHARE)) {
    const body = changed(JSON.stringify(validRequest()));
    return { mutation: `heavy message: ${change}`, file: body, run: async () => tryHeavy(body) };
  }
  const attempt = random.oneOf(['1', LAST_ATTEMPT]);
  if (random.isChance(HOSTILE_KEY_SHARE)) {
    const body = wrap(withKey(hostileText(random), random), random);
    return { mutation: 'a hostile key', file: body, run: () => tryEvent(body, attempt) };
  }
  const [, whole] = random.oneOf(bodies);
  const body = wrap(changed(whole), random);
  return { mutation: `event: ${change}`, file: body, run: () => tryEvent(body, attempt) };
}

/** Zero to three envelopes of SNS. */
function wrap(body: string, random: Random): string {
  let wrapped = body;
  while (random.isChance(0.3)) wrapped = throughSns(wrapped);
  return wrapped;
}

function withKey(key: string, random: Random): string {
  const object = { key, size: 1, eTag: 'e', sequencer: '0A1B2C3D4E5F678901' };
  const bucket = { name: 'pictures' };
  if (random.isChance(0.5)) {
    const detail = { bucket, object: { ...object, etag: 'e' }, reason: 'PutObject' };
    return JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created', detail });
  }
  const encoded = random.isChance(0.7) ? formEncoded(key) : key;
  const eventName = random.oneOf(['ObjectCreated:Put', 'ObjectRemoved:Delete']);
  return JSON.stringify({ Records: [{ eventName, s3: { bucket, object: { ...object, key: encoded } } }] });
}

/** Half a surrogate pair cannot be encoded, and stays. */
function formEncoded(key: string): string {
  return !/\p{Surrogate}/u.test(key) ? encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/') : key;
}

async function tryEvent(body: string, receiveCount: string): Promise<string> {
  const world = new TaggingWorld();
  world.upload('cat', [{ key: 'team', value: 'mine' }]);
  const seen: UploadEvent[] = [];
  const message = { body, attributes: { ApproximateReceiveCount: receiveCount } };
  try {
    await handleMessage(message, world.dependencies(), {
      onOutcome: (event) => void seen.push(event),
      onFailure: () => undefined,
    });
  } catch (error) {
    return refusalOf(error, MalformedEventError);
  }
  for (const event of seen) requireSound(event);
  for (const { key, value } of world.bucket.currentTags ?? []) {
    if (!TAG_VALUE.test(value) || !TAG_VALUE.test(key)) throw new HostileFault(`a tag is ${key}=${value}`);
  }
  return VALID;
}

function requireSound(event: UploadEvent): void {
  if (!('name' in event)) return;
  const { key } = event.name;
  const bytes = Buffer.byteLength(key);
  if (/\p{Surrogate}/u.test(key) || bytes < 1 || bytes > MAX_KEY_BYTES)
    throw new HostileFault(`a key of ${bytes} bytes: ${key}`);
}

function tryHeavy(body: string): string {
  try {
    parseHeavyRequest(body);
    return VALID;
  } catch (error) {
    return refusalOf(error, HeavyMessageError);
  }
}
