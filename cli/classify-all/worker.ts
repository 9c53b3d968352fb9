/**
 * A process that classifies images, one of several. The process that started it sends tasks; this
 * one reads their images side by side, computes one at a time, and sends the lines.
 */
import { createHash } from 'node:crypto';
import { AutoSwiftNetError, ImageError } from '../../classifier/errors.ts';
import { blockOtherLoaders, type Classifier, openClassifier } from '../../classifier/index.ts';
import { messageOf } from '../../classifier/message-of.ts';
import { createS3Client } from '../../functions/s3-client.ts';
import { createMemory } from '../../functions/side-by-side/memory.ts';
import { MAX_HELD_BYTES } from '../../functions/side-by-side/runner.ts';
import { createTurns } from '../../functions/side-by-side/turns.ts';
import { type ObjectStore, openObjectStore } from '../../functions/tagging/objects.ts';
import { classificationJson, NO_MODEL } from '../classification-output.ts';
import { readSettings } from '../settings.ts';
import type { Task, WorkerMessage, WorkerSettings } from './item.ts';
import { type ReadItem, readItem } from './read-item.ts';

const { packageDir, top }: WorkerSettings = JSON.parse(process.argv[2] ?? '');
const { limits, conceptThreshold } = readSettings();
const processor = createTurns(1);
const memory = createMemory(MAX_HELD_BYTES);
let store: ObjectStore | undefined;
const reading = {
  memory,
  maxBytes: limits.maxBytes,
  store: () => {
    store ??= openObjectStore(createS3Client(process.env));
    return store;
  },
};

// A terminal sends Ctrl-C to all processes. The one that started this one decides what happens.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
await open();

async function open(): Promise<void> {
  let classifier: Classifier;
  try {
    blockOtherLoaders();
    classifier = await openClassifier(packageDir, { limits, conceptThreshold });
  } catch (error) {
    if (!(error instanceof AutoSwiftNetError)) throw error;
    return send({ kind: 'broken', message: error.message });
  }
  process.on('message', async (task: Task) => send(await answer(task, classifier)));
  send({ kind: 'ready' });
}

async function answer({ id, item }: Task, classifier: Classifier): Promise<WorkerMessage> {
  let read: ReadItem;
  try {
    read = await readItem(item, reading);
  } catch (error) {
    if (error instanceof ImageError) {
      return { kind: 'answered', id, line: classificationJson(item.uri, { error }, NO_MODEL), fault: error.message };
    }
    return { kind: 'unread', id, fault: messageOf(error) };
  }
  try {
    const [entry] = await processor.take(() => classifier.classify([read.bytes], { top }));
    if (!entry) throw new Error('the classifier returned no result for its one input');
    if ('error' in entry && !(entry.error instanceof ImageError)) throw entry.error;
    const sha256 = createHash('sha256').update(read.bytes).digest('hex');
    const line = classificationJson(item.uri, entry, classifier.manifest, sha256);
    return { kind: 'answered', id, line, fault: 'error' in entry ? entry.error.message : null };
  } finally {
    read.held.letGo();
  }
}

function send(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
