import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneLine } from '../../../cli/report-error.ts';
import { InvalidParameterError } from '../../../functions/api/errors.ts';
import { idOfKey, keyOfId } from '../../../functions/api/parameters.ts';
import { MAX_KEY_BYTES } from '../../../functions/object-key.ts';
import { mergeTags, ownTags } from '../../../functions/tagging/tags.ts';
import { InvalidLabelsError } from '../../../models/labels/errors.ts';
import { readLabels } from '../../../models/labels/labels.ts';
import { validRecord } from '../../functions/records/valid-record.ts';
import { startTestServer, type TestServer } from '../../local/s3/local-server.ts';
import { type Attempt, HostileFault, refusalOf, type Trial, VALID } from '../kind.ts';
import type { Random } from '../random.ts';
import { JSON_CHANGES } from './change-json.ts';
import { hostileText } from './hostile-texts.ts';

/** What a terminal obeys: control characters, and marks that turn the direction of the text. */
const OBEYED = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** What S3 takes as the value of a tag. */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const TAG_SETTINGS = { labels: 3, threshold: 0, concept: true };
const LABELS = 3;

/**
 * Opens hostile labels and keys. Labels come from files, and go into tags and to a terminal. Keys
 * go to the local S3 and come back, become the ids of the API, and go to a terminal.
 */
export async function openTexts(folder: string): Promise<Trial> {
  const server = await startTestServer({ dataDir: join(folder, 's3') });
  return {
    make: (random) => (random.isChance(0.5) ? labelsAttempt(random, folder) : keyAttempt(random, server)),
    close: () => server.close(),
  };
}

export function labelsAttempt(random: Random, folder: string): Attempt {
  const labels = Array.from({ length: LABELS }, () => hostileText(random));
  const isJson = random.isChance(0.6);
  const change = random.oneOf(Object.keys(JSON_CHANGES));
  const entries = labels.map((label, index) => (random.isChance(0.5) ? { index, wnid: null, label } : label));
  const whole = isJson ? JSON.stringify(entries) : labels.join('\n');
  const text = isJson && random.isChance(0.5) ? (JSON_CHANGES[change]?.(whole, random) ?? whole) : whole;
  return { mutation: isJson ? 'labels in JSON' : 'labels in lines', file: text, run: () => tryLabels(text, folder) };
}

async function tryLabels(text: string, folder: string): Promise<string> {
  const path = join(folder, 'labels.txt');
  await writeFile(path, text);
  try {
    const labels = await readLabels(path, LABELS, () => undefined);
    for (const { label } of labels) requirePrintable(label);
    requireTags(labels.map(({ label }) => label));
    return VALID;
  } catch (error) {
    const code = refusalOf(error, InvalidLabelsError);
    requirePrintable(error instanceof Error ? error.message : '');
    return code;
  }
}

function requireTags(labels: readonly string[]): void {
  const predictions = labels.map((label, index) => ({ rank: index + 1, index, label, wnid: null, probability: 0.3 }));
  const concept = { id: labels[0] ?? '', label: labels[0] ?? '', probability: 0.9 };
  const tags = ownTags(validRecord({ predictions, concept }), TAG_SETTINGS) ?? [];
  for (const { key, value } of mergeTags([{ key: 'team', value: 'mine' }], tags)) {
    if (!TAG_VALUE.test(value)) throw new HostileFault(`the tag ${key} is ${JSON.stringify(value)}`);
  }
}

function requirePrintable(text: string): void {
  const printed = oneLine(text);
  if (OBEYED.test(printed)) throw new HostileFault(`the terminal gets ${JSON.stringify(printed)}`);
}

function keyAttempt(random: Random, server: TestServer): Attempt {
  const key = hostileText(random);
  return { mutation: 'key', file: key, run: () => tryKey(key, server) };
}

async function tryKey(key: string, server: TestServer): Promise<string> {
  requirePrintable(key);
  const bytes = Buffer.byteLength(key);
  const isKey = bytes >= 1 && bytes <= MAX_KEY_BYTES && !/\p{Surrogate}/u.test(key);
  if (!isKey) return tryId(key);
  if (tryId(key) !== VALID) throw new HostileFault('the id of a key does not lead back to it');
  const path = `/bucket/${[...Buffer.from(key)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`;
  const put = await server.send({ method: 'PUT', path, body: 'x' });
  if (put.status === 400) return /<Code>([^<]+)/.exec(put.body)?.[1] ?? 'refused';
  const got = await server.send({ path });
  const event = server.events.splice(0).at(-1);
  await server.send({ method: 'DELETE', path });
  const told = decodeURIComponent((event?.s3.object.key ?? '').replaceAll('+', ' '));
  const fault = server.errors.splice(0)[0];
  if (fault !== undefined) throw fault;
  if (put.status !== 200 || got.status !== 200 || got.body !== 'x')
    throw new HostileFault(`PUT ${put.status}, GET ${got.status}`);
  if (told !== key) throw new HostileFault(`the event names ${JSON.stringify(told)}`);
  return VALID;
}

/** A text that is no key has no id that leads back to it. */
function tryId(key: string): string {
  try {
    return keyOfId(idOfKey(key)) === key ? VALID : 'not-a-key';
  } catch (error) {
    return refusalOf(error, InvalidParameterError);
  }
}
