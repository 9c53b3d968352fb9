import { failImage, failUnlessExplained } from '../../../functions/tagging/fail-image.ts';
import { tagImage } from '../../../functions/tagging/tag-image.ts';
import { validRecord } from '../records/valid-record.ts';
import { eTagOf } from './memory-bucket.ts';
import { NAME, recordOf, TaggingWorld } from './tagging-world.ts';

const REASON = { code: 'internal', message: 'the disk is full' };

test('an event cut off after its tags takes them from a later object that failed', async () => {
  const world = new TaggingWorld();
  const older = world.upload('cat');
  const newer = world.upload('dog', [{ key: 'autoswiftnet:label', value: 'cat' }]);
  world.records.entry = validRecord({ ...NAME, sequencer: newer.sequencer ?? '', state: 'failed', predictions: [] });

  expect(await tagImage(older, world.dependencies())).toEqual({ kind: 'skipped', why: 'superseded' });
  expect(world.bucket.currentTags).toEqual([]);
});

describe('the last attempt', () => {
  test('writes failed, and publishes it', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    const record = await failImage(event, REASON, world.dependencies());

    expect(record).toEqual(recordOf(world));
    expect(record).toMatchObject({ state: 'failed', reason: REASON, eTag: eTagOf('cat'), size: 3, predictions: [] });
    expect(world.published).toEqual([record]);
  });

  test('a success after redrive replaces it', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    await failImage(event, REASON, world.dependencies());
    await tagImage(event, world.dependencies());

    expect(recordOf(world)).toMatchObject({ state: 'tagged', reason: null });
  });

  test('removes the label rows, tags and thumbnail of what was there before', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('cat'), world.dependencies());
    world.steps.length = 0;
    await failImage(
      world.upload('dog', [{ key: 'autoswiftnet:label', value: 'copied' }]),
      REASON,
      world.dependencies(),
    );

    expect(recordOf(world).state).toBe('failed');
    expect([world.records.rows, world.bucket.currentTags]).toEqual([[], []]);
    expect(world.steps.slice(0, 3)).toEqual(['read', 'remove thumbnail', 'write']);
  });

  test('does not take back what is tagged, here or later', async () => {
    const world = new TaggingWorld();
    const first = world.upload('cat');
    await tagImage(first, world.dependencies());

    expect(await failImage(first, REASON, world.dependencies())).toBeNull();
    expect(await failImage({ ...first, sequencer: null }, REASON, world.dependencies())).toBeNull();
    expect(recordOf(world).state).toBe('tagged');
  });
});

describe('a failure that nothing explains', () => {
  const stored = validRecord({
    ...NAME,
    sequencer: '01',
    eTag: 'e1',
    state: 'failed',
    reason: REASON,
    predictions: [],
  });
  const CRASH = { code: 'function-crashed', message: 'text' };

  // A backfill's event has the place of the stored record, whatever content it is about.
  test.each([
    ['the same content', 'e1', REASON],
    ['unknown content', null, REASON],
    ['other content', 'e2', CRASH],
  ])('of an event without a sequencer about %s', async (_title, eTag, reason) => {
    const world = new TaggingWorld();
    const event = { ...world.upload('cat'), sequencer: null, eTag };
    world.records.entry = stored;
    const failed = await failUnlessExplained(event, CRASH, world.dependencies());

    expect(failed).toMatchObject({ record: { reason }, isNew: reason === CRASH });
    expect(recordOf(world)).toMatchObject({ reason });
  });
});
