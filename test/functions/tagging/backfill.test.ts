import { removeImage } from '../../../functions/tag-upload/remove-image.ts';
import { failImage } from '../../../functions/tagging/fail-image.ts';
import type { CreatedEvent } from '../../../functions/tagging/image-event.ts';
import { tagImage } from '../../../functions/tagging/tag-image.ts';
import { eTagOf } from './memory-bucket.ts';
import { NAME, NOW, recordOf, TaggingWorld } from './tagging-world.ts';
import { OTHER_NAME, otherWordAnswerer } from './word-classifier.ts';

const REASON = { code: 'internal', message: 'the disk is full' };

const withoutSequencer = (event: CreatedEvent): CreatedEvent => ({ ...event, sequencer: null });

describe('an event without a sequencer', () => {
  test('of an unknown image makes its record, at the lowest position', async () => {
    const world = new TaggingWorld();
    await tagImage(withoutSequencer(world.upload('cat')), world.dependencies());

    expect(recordOf(world)).toMatchObject({ state: 'tagged', sequencer: '0', stage: 0, eTag: eTagOf('cat') });
  });

  test('of a finished record costs no download, or none but the head of one', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    await tagImage(event, world.dependencies());
    world.steps.length = 0;
    await tagImage(withoutSequencer(event), world.dependencies());
    expect(world.steps).not.toContain('GetObject');

    const outcome = await tagImage({ ...withoutSequencer(event), eTag: null }, world.dependencies());
    expect(outcome).toEqual({ kind: 'skipped', why: 'already-done' });
    expect(recordOf(world).sequencer).toBe('001');
  });

  test('adds the time of the object to a record of an earlier version, without classifying it again', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    await tagImage(event, world.dependencies());
    const record = recordOf(world);
    world.records.entry = { ...record, lastModified: null };
    const answerer = { ...world.dependencies().answerer, classify: () => Promise.reject(new Error('not again')) };

    const outcome = await tagImage(withoutSequencer(event), world.dependencies({ answerer }));

    expect(outcome).toEqual({ kind: 'skipped', why: 'already-done' });
    expect(recordOf(world)).toEqual(record);
    expect(record.lastModified).toBe(world.bucket.current?.lastModified);
  });

  test('of other content replaces the record and keeps its sequencer', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('cat'), world.dependencies());
    await tagImage(withoutSequencer(world.upload('dog')), world.dependencies());

    expect(recordOf(world)).toMatchObject({ eTag: eTagOf('dog'), sequencer: '001' });
    expect(world.records.rows.map(({ label }) => label)).toEqual(['dog']);
  });

  test('of what its model has answered costs one read, if that is asked for', async () => {
    const world = new TaggingWorld();
    const event = withoutSequencer(world.upload('cat'));
    await tagImage(event, world.dependencies());
    world.steps.length = 0;

    const outcome = await tagImage(event, world.dependencies({ leavesAnswered: true }));

    expect(outcome).toEqual({ kind: 'skipped', why: 'already-done' });
    expect(world.steps).toEqual(['read']);
  });

  test('of a write whose answer was lost, and that was tried again, is finished all the same', async () => {
    const world = new TaggingWorld();
    const event = withoutSequencer(world.upload('bad picture'));
    const dependencies = world.dependencies({ leavesAnswered: true });
    const { records } = dependencies;
    const write: typeof records.write = async (entry, condition) => {
      await records.write(entry, condition);
      return records.write(entry, condition);
    };
    await tagImage(event, { ...dependencies, records: { ...records, write } });

    expect(world.published.map(({ state }) => state)).toEqual(['rejected']);
  });

  test('puts label rows that are missing, also where what is answered is left alone', async () => {
    const world = new TaggingWorld();
    const event = withoutSequencer(world.upload('cat'));
    await tagImage(event, world.dependencies());
    const [row] = world.records.rows.splice(0);
    await tagImage(event, world.dependencies({ leavesAnswered: true }));

    expect(row?.label).toBe('cat');
    expect(world.records.rows).toEqual([row]);
  });

  test('of what another model has answered is classified again, and keeps its place in the order', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    await tagImage(event, world.dependencies());
    const other = world.dependencies({ answerer: otherWordAnswerer, leavesAnswered: true });
    await tagImage(withoutSequencer(event), other);

    expect(recordOf(world)).toMatchObject({ model: OTHER_NAME, sequencer: '001', stage: 0 });
    expect(world.bucket.currentTags).toContainEqual({ key: 'autoswiftnet:label', value: 'CAT' });
  });

  test('finishes a failed record', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    await failImage(event, REASON, world.dependencies());
    await tagImage(withoutSequencer(event), world.dependencies());

    expect(recordOf(world)).toMatchObject({ state: 'tagged', sequencer: '001' });
  });

  test('of an object that is gone hides its record', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    await tagImage(event, world.dependencies());
    world.bucket.delete();
    await tagImage({ ...withoutSequencer(event), eTag: null }, world.dependencies());

    expect(world.records.entry).toMatchObject({ sequencer: '001', deletedAt: NOW.toISOString() });
    expect(world.records.rows).toEqual([]);
  });

  test.each([
    ['delete marker', 'delete'],
    ['newer version', 'upload'],
  ])('of an older version that is the object again, because a %s was removed, makes its record', async (_what, act) => {
    const world = new TaggingWorld({ versioned: true });
    const older = world.upload('cat');
    await tagImage(older, world.dependencies());
    const event = { kind: 'removed', name: NAME, versionId: 'v2' } as const;
    if (act === 'upload') await tagImage(world.upload('dog'), world.dependencies());
    else
      await removeImage({ ...event, marker: true, sequencer: world.bucket.delete().sequencer }, world.dependencies());
    const { sequencer } = world.bucket.deleteVersion('v2');
    await removeImage({ ...event, marker: false, sequencer }, world.dependencies());
    expect(world.records.entry).toMatchObject({ deletedAt: NOW.toISOString() });

    const backfilled = { ...withoutSequencer(older), versionId: null };
    await tagImage(backfilled, world.dependencies({ leavesAnswered: true }));

    expect(recordOf(world)).toMatchObject({ state: 'tagged', versionId: 'v1', eTag: eTagOf('cat') });
    expect(world.records.rows.map(({ label }) => label)).toEqual(['cat']);
    expect(world.published.at(-1)).toEqual(recordOf(world));
  });
});
