import { answerCall, type BatchAnswer } from '../../../functions/backfill/answer-call.ts';
import { type BackfillItem, parseCall, RESERVED_MS, type TagCall } from '../../../functions/backfill/batch.ts';
import type { BackfillDependencies } from '../../../functions/backfill/dependencies.ts';
import {
  InvalidRunRequestError,
  MalformedCallError,
  TooManyFailuresError,
} from '../../../functions/backfill/errors.ts';
import type { ItemResult } from '../../../functions/backfill/item-result.ts';
import { readRunRequest } from '../../../functions/backfill/run-request.ts';
import { createRunner } from '../../../functions/side-by-side/runner.ts';
import { ObjectAccessError } from '../../../functions/tagging/errors.ts';
import { NAME, recordOf, TaggingWorld } from '../tagging/tagging-world.ts';
import { MODEL_NAME } from '../tagging/word-classifier.ts';

const ALL_TIME_MS = 900_000;
/** The first bucket as a whole, and a part of another. */
const WATCHED = [
  { bucket: NAME.bucket, prefix: '', suffix: '' },
  { bucket: 'scans', prefix: 'a/', suffix: '.jpg' },
];

/** The tagging world's one object, and a function that is called about it. */
class BackfillWorld extends TaggingWorld {
  readonly written: { name: object; results: readonly ItemResult[] }[] = [];
  readonly failures: unknown[] = [];
  remainingMs = () => ALL_TIME_MS;

  call(items: BackfillItem[], { request = {}, ...changes }: Partial<TagCall> & { request?: object } = {}) {
    const run = readRunRequest(request, 'run', 1);
    const call = { action: 'tag', run, batch: 'batch', call: 0, isRepeated: false, items, ...changes } as const;
    return this.answer(call) as Promise<BatchAnswer>;
  }

  answer(call: object) {
    const tagging = this.dependencies();
    const dependencies: BackfillDependencies = {
      ...tagging,
      classifier: () => Promise.reject(new Error('unused')),
      runner: createRunner(1),
      watched: WATCHED,
      modelName: MODEL_NAME,
      results: {
        write: async (name, results) => {
          this.steps.push('results');
          this.written.push({ name, results });
        },
      },
    };
    const observer = {
      onFailure: ({ error }: { error: unknown }) => void this.failures.push(error),
      onBatch() {},
      onRun() {},
    };
    return answerCall(parseCall(call), dependencies, observer, this.remainingMs);
  }

  /** The item that lists the object as it is now. */
  item(changes: object = {}): BackfillItem {
    const { current } = this.bucket;
    return { key: NAME.key, ...(current && { size: current.content.length }), ...changes };
  }
}

describe('a batch', () => {
  test('is tagged, and its results are written under the name of the call', async () => {
    const world = new BackfillWorld();
    world.upload('cat');

    const answer = await world.call([world.item(), { key: 'other.png', storageClass: 'GLACIER' }], { call: 3 });

    expect(recordOf(world)).toMatchObject({ state: 'tagged', model: MODEL_NAME });
    expect(answer.unfinished).toEqual([]);
    expect(answer.counts).toMatchObject({ tagged: 1, archived: 1, failed: 0 });
    expect(world.written).toEqual([
      {
        name: { runId: 'run', batch: 'batch', call: 3 },
        results: [
          { key: NAME.key, outcome: 'tagged', reason: null },
          { key: 'other.png', outcome: 'archived', reason: null },
        ],
      },
    ]);
  });

  test('says why an object was rejected', async () => {
    const world = new BackfillWorld();
    world.upload('bad');
    await world.call([world.item()]);

    expect(world.written[0]?.results).toEqual([
      { key: NAME.key, outcome: 'rejected', reason: expect.objectContaining({ code: 'not-an-image' }) },
    ]);
  });

  test.each([
    ['gone', (world: BackfillWorld): void => void world.bucket.delete()],
    [
      'forwarded',
      (world: BackfillWorld): void => {
        world.routes = { ...world.routes, heavy: ['big'], rules: { '': 'big' } };
      },
    ],
  ] as const)('says of an object that it is %s', async (outcome, change) => {
    const world = new BackfillWorld();
    world.upload('cat');
    change(world);

    expect((await world.call([{ key: NAME.key }])).counts[outcome]).toBe(1);
  });

  test('costs one read for what its model has answered already', async () => {
    const world = new BackfillWorld();
    const { eTag } = world.upload('cat');
    await world.call([world.item()]);
    world.steps.length = 0;

    const { counts } = await world.call([world.item({ eTag })]);

    expect(counts['already-answered']).toBe(1);
    expect(world.steps).toEqual(['read', 'results']);
  });

  test.each([
    ['the call was made before', { isRepeated: true }],
    ['the run asks for it', { request: { repair: true } }],
  ])('has its tags checked where they may be missing: %s', async (_title, changes) => {
    const world = new BackfillWorld();
    const { eTag } = world.upload('cat');
    await world.call([world.item()]);
    await world.bucket.connect(async (_label, act) => act()).putTags({ ...NAME, versionId: null }, []);

    const { counts } = await world.call([world.item({ eTag })], changes);

    expect(counts['already-answered']).toBe(1);
    expect(world.bucket.currentTags).toContainEqual({ key: 'autoswiftnet:label', value: 'cat' });
  });

  test('returns what it did not start when its time is nearly over', async () => {
    const world = new BackfillWorld();
    world.upload('cat');
    const times = [ALL_TIME_MS, RESERVED_MS - 1];
    world.remainingMs = () => times.shift() ?? 0;
    const items = [world.item(), { key: 'b.png' }, { key: 'c.png' }];

    const { counts, unfinished } = await world.call(items);

    expect(counts.tagged).toBe(1);
    expect(unfinished).toEqual(items.slice(1));
    expect(world.written[0]?.results).toHaveLength(1);
  });

  test('counts an object in an archive that the listing does not show', async () => {
    const world = new BackfillWorld();
    world.upload('cat');
    const cause = Object.assign(new Error('archived'), { name: 'InvalidObjectState' });
    world.faults.set('GetObject', new ObjectAccessError('archived', cause));

    expect((await world.call([world.item()])).counts).toMatchObject({ archived: 1, failed: 0 });
  });
});

describe('a failure', () => {
  test('within the tolerated share is recorded, and another run tries again', async () => {
    const world = new BackfillWorld();
    world.upload('cat');
    world.faults.set('GetObject', new TypeError('the disk is full'));

    const { counts } = await world.call([world.item()], { request: { toleratedFailureShare: 1 } });

    expect(counts.failed).toBe(1);
    expect(world.failures).toEqual([new TypeError('the disk is full')]);
    expect(recordOf(world)).toMatchObject({ state: 'failed', reason: { code: 'internal' } });
    world.faults.clear();
    expect((await world.call([world.item()])).counts.tagged).toBe(1);
  });

  test('above the share fails the batch, after its results are written, and nothing is recorded', async () => {
    const world = new BackfillWorld();
    world.upload('cat');
    world.faults.set('GetObject', new TypeError('the disk is full'));
    const left: BackfillItem = { key: 'left.png', storageClass: 'GLACIER' };
    const call = world.call([world.item(), left, left, left], { request: { toleratedFailureShare: 0.5 } });

    await expect(call).rejects.toThrow(TooManyFailuresError);
    await expect(call).rejects.toThrow(/1 of 1 images failed.*0\.5.*internal: TypeError: the disk is full/);
    expect(world.written[0]?.results.map(({ outcome }) => outcome)).toEqual(['failed', ...Array(3).fill('archived')]);
    expect(world.records.entry).toBeNull();
  });

  test('of an item that cannot be in the bucket is named by its key', async () => {
    const world = new BackfillWorld();
    await world.call([{ bucket: 'others', encodedKey: 'a+b' }], { request: { toleratedFailureShare: 1 } });

    expect(world.written[0]?.results).toEqual([
      { key: 'a+b', outcome: 'failed', reason: expect.objectContaining({ code: 'invalid-item' }) },
    ]);
  });

  test('to record a failure does not fail the batch', async () => {
    const world = new BackfillWorld();
    world.upload('cat');
    world.faults.set('GetObject', new TypeError('first'));
    world.faults.set('write', new TypeError('second'));

    await world.call([world.item()], { request: { toleratedFailureShare: 1 } });

    expect(world.failures.map(String)).toEqual(['TypeError: first', 'TypeError: second']);
  });
});

describe('before a run', () => {
  const prepare = (request: unknown, inventoryBucket: string | null = 'lists') =>
    new BackfillWorld().answer({ action: 'prepare', runId: 'run', request, defaultConcurrency: 2, inventoryBucket });
  const inventory = { kind: 'inventory', bucket: 'lists', manifestKey: 'a/manifest.json' } as const;

  test('its request is checked and completed', async () => {
    const request = { source: inventory, model: MODEL_NAME };

    expect(await prepare(request)).toEqual({ ...readRunRequest(request, 'run', 2), bucket: NAME.bucket });
    expect(await prepare({ bucket: 'scans' })).toMatchObject({ bucket: 'scans' });
  });

  test.each<[string, unknown, string | null, RegExp]>([
    ['a field that there is not', { prefx: '' }, null, /prefx/],
    ['a model that is not deployed', { model: 'other' }, null, /model other, and words is deployed/],
    ['an inventory in another bucket', { source: inventory }, 'others', /only those in others/],
    ['an inventory where none may be read', { source: inventory }, null, /may read none/],
    ['a bucket that is not watched', { bucket: 'others' }, null, /bucket others, and \w+, scans is what is watched/],
  ])('%s is refused', async (_title, request, inventoryBucket, message) => {
    const answer = prepare(request, inventoryBucket);

    await expect(answer).rejects.toThrow(InvalidRunRequestError);
    await expect(answer).rejects.toThrow(message);
  });
});

test.each([[{}], [{ action: 'other' }], [{ action: 'tag', items: [] }], [{ Records: [] }]])(
  'a call of something else than the state machine is refused: %j',
  (event) => {
    expect(() => parseCall(event)).toThrow(MalformedCallError);
  },
);

test('what is not watched of the bucket of a run is left', async () => {
  const world = new BackfillWorld();

  await world.call([{ key: 'b/1.jpg' }, { key: 'a/1.png' }], { request: { bucket: 'scans' } });

  expect(world.written[0]?.results.map(({ outcome }) => outcome)).toEqual(['filtered', 'filtered']);
});
