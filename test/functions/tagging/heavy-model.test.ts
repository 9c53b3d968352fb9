import type { HeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { AUTO, type RouteSettings } from '../../../functions/routing/route.ts';
import { failImage } from '../../../functions/tagging/fail-image.ts';
import type { Outcome } from '../../../functions/tagging/outcome.ts';
import { tagImage } from '../../../functions/tagging/tag-image.ts';
import { eTagOf } from './memory-bucket.ts';
import { NAME, recordOf, TaggingWorld } from './tagging-world.ts';
import { HEAVY_NAME, heavyWordAnswerer, MODEL_NAME } from './word-classifier.ts';

/** The word classifier's best probability is always 0.5. */
const UNSURE: RouteSettings = { small: [MODEL_NAME], heavy: [HEAVY_NAME], rules: { '': AUTO }, cascadeThreshold: 0.51 };
const SURE: RouteSettings = { ...UNSURE, cascadeThreshold: 0.5 };
const HEAVY: RouteSettings = { ...UNSURE, rules: { [NAME.key]: HEAVY_NAME } };
const REASON = { code: 'internal', message: 'no memory' };

function worldWith(routes: RouteSettings, { versioned = false } = {}): TaggingWorld {
  const world = new TaggingWorld({ versioned });
  world.routes = routes;
  return world;
}

function heavyDependencies(world: TaggingWorld) {
  return world.dependencies({ answerer: heavyWordAnswerer });
}

function eventOf({ source: { bucket, key, versionId, eTag, sequencer } }: HeavyRequest) {
  return { kind: 'created', name: { bucket, key }, versionId, eTag, size: null, sequencer, time: null } as const;
}

/** What the worker does with the last message. */
async function answerHeavy(world: TaggingWorld): Promise<Outcome> {
  const request = world.asked.at(-1);
  if (request === undefined) throw new TypeError('expected a heavy message');
  return tagImage(eventOf(request), heavyDependencies(world));
}

describe('the cascade', () => {
  test('an unsure answer is recorded and published first, and then the heavy model is asked', async () => {
    const world = worldWith(UNSURE, { versioned: true });
    await tagImage(world.upload('cat dog'), world.dependencies());

    expect(recordOf(world)).toMatchObject({ stage: 0, model: MODEL_NAME, escalatedTo: HEAVY_NAME, state: 'tagged' });
    expect(world.steps.slice(-2)).toEqual(['publish', 'SendMessage']);
    expect(world.asked).toEqual([
      {
        version: 1,
        jobId: null,
        source: { ...NAME, versionId: 'v1', eTag: eTagOf('cat dog'), sequencer: '001' },
        model: HEAVY_NAME,
        top: 10,
        explain: false,
      },
    ]);
  });

  test('a sure answer stays alone', async () => {
    const world = worldWith(SURE);
    await tagImage(world.upload('cat'), world.dependencies());

    expect([recordOf(world).escalatedTo, world.asked]).toEqual([null, []]);
  });

  test('the heavy answer replaces record, rows and tags, at stage 1', async () => {
    const world = worldWith(UNSURE);
    await tagImage(world.upload('cat dog'), world.dependencies());
    const { createdAt } = recordOf(world);
    world.now = new Date('2026-11-25T00:00:00Z');
    const outcome = await answerHeavy(world);

    expect(outcome.kind).toBe('recorded');
    expect(recordOf(world)).toMatchObject({ stage: 1, model: HEAVY_NAME, escalatedTo: null, createdAt });
    expect(world.records.rows.map(({ label, stage }) => [label, stage])).toEqual([
      ['CAT', 1],
      ['DOG', 1],
    ]);
    expect(world.bucket.currentTags).toContainEqual({ key: 'autoswiftnet:label', value: 'CAT' });
    expect(world.published.map(({ model }) => model)).toEqual([MODEL_NAME, HEAVY_NAME]);
  });

  test('a crash between record and message is repaired by the next delivery of the event', async () => {
    const world = worldWith(UNSURE);
    const event = world.upload('cat');
    world.faults.set('SendMessage', new Error('no queue'));
    await expect(tagImage(event, world.dependencies())).rejects.toThrow('no queue');
    world.faults.clear();

    expect(await tagImage(event, world.dependencies())).toEqual({ kind: 'skipped', why: 'already-done' });
    expect(world.asked).toHaveLength(1);
    expect(world.steps.filter((step) => step === 'write')).toHaveLength(1);
  });

  test('an event that is delivered again after the heavy answer changes nothing and asks no model', async () => {
    const world = worldWith(UNSURE);
    const event = world.upload('cat');
    await tagImage(event, world.dependencies());
    await answerHeavy(world);
    await tagImage(event, world.dependencies());

    expect([recordOf(world).model, world.asked.length]).toEqual([HEAVY_NAME, 1]);
  });

  test('a record that asks a heavy model is not changed if there is no heavy model any more', async () => {
    const world = worldWith(UNSURE);
    const event = world.upload('cat');
    await tagImage(event, world.dependencies());
    await tagImage(event, world.dependencies({ askHeavy: null }));

    expect(world.asked).toHaveLength(1);
  });

  test("a heavy model without an answer does not replace the small model's answer", async () => {
    const world = worldWith(UNSURE);
    await tagImage(world.upload('cat'), world.dependencies());
    const [request] = world.asked;
    const refusing = { ...heavyDependencies(world), maxImageBytes: 1 };

    expect(request && (await tagImage(eventOf(request), refusing))).toEqual({
      kind: 'skipped',
      why: 'answered-before',
    });
    expect(request && (await failImage(eventOf(request), REASON, heavyDependencies(world)))).toBeNull();
    expect(recordOf(world)).toMatchObject({ model: MODEL_NAME, state: 'tagged' });
    expect(world.bucket.currentTags).toContainEqual({ key: 'autoswiftnet:label', value: 'cat' });
  });
});

describe('an image that only the heavy model answers', () => {
  test('is not read here: a message, and no record yet', async () => {
    const world = worldWith(HEAVY);
    const outcome = await tagImage(world.upload('cat'), world.dependencies());

    expect(outcome).toEqual({ kind: 'forwarded', model: HEAVY_NAME });
    expect(world.steps).toEqual(['GetObject', 'read', 'SendMessage']);
    await answerHeavy(world);
    expect(recordOf(world)).toMatchObject({ model: HEAVY_NAME, stage: 1, state: 'tagged' });
  });

  test('is requested by its own metadata as well', async () => {
    const world = worldWith({ ...UNSURE, rules: {} });
    world.bucket.requestedModel = HEAVY_NAME;

    expect(await tagImage(world.upload('cat'), world.dependencies())).toEqual({ kind: 'forwarded', model: HEAVY_NAME });
  });

  test('is rejected, or failed, in its own name', async () => {
    const world = worldWith(HEAVY);
    await tagImage(world.upload('bad'), world.dependencies());
    await answerHeavy(world);
    expect(recordOf(world)).toMatchObject({ stage: 1, model: HEAVY_NAME, state: 'rejected' });

    await tagImage(world.upload('cat'), world.dependencies());
    const request = world.asked.at(-1);
    if (request) await failImage(eventOf(request), REASON, heavyDependencies(world));
    expect(recordOf(world)).toMatchObject({ stage: 1, model: HEAVY_NAME, state: 'failed', reason: REASON });
  });
});

test('an image that requests a model that is nowhere is rejected, with the names that there are', async () => {
  const world = worldWith(UNSURE);
  world.bucket.requestedModel = 'vgg16';
  await tagImage(world.upload('cat'), world.dependencies());

  expect(recordOf(world)).toMatchObject({
    state: 'rejected',
    reason: {
      code: 'unknown-model',
      message: expect.stringContaining(`Use auto or one of ${MODEL_NAME}, ${HEAVY_NAME}.`),
    },
  });
});
