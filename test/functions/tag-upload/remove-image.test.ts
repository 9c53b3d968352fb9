import { removeImage } from '../../../functions/tag-upload/remove-image.ts';
import type { RemovedEvent } from '../../../functions/tagging/image-event.ts';
import { tagImage } from '../../../functions/tagging/tag-image.ts';
import type { Change } from '../tagging/memory-bucket.ts';
import { NAME, NOW, TaggingWorld } from '../tagging/tagging-world.ts';

function removal({ versionId, sequencer }: Change, changes: Partial<RemovedEvent> = {}): RemovedEvent {
  return { kind: 'removed', name: NAME, versionId, marker: false, sequencer, ...changes };
}

async function tagged(options = {}): Promise<TaggingWorld> {
  const world = new TaggingWorld(options);
  await tagImage(world.upload('cat dog'), world.dependencies());
  return world;
}

const isHidden = ({ records }: TaggingWorld) => records.entry !== null && 'deletedAt' in records.entry;

test('a deletion leaves a tombstone of its position, for 30 days, and no label rows', async () => {
  const world = await tagged();

  expect(await removeImage(removal(world.bucket.delete()), world.dependencies())).toEqual({ kind: 'deleted' });
  expect(world.records.entry).toEqual({
    ...NAME,
    versionId: null,
    sequencer: '002',
    stage: 0,
    deletedAt: NOW.toISOString(),
    expiresAt: NOW.getTime() / 1000 + 30 * 86_400,
  });
  expect(world.records.rows).toEqual([]);
});

test('label rows that a crash left behind go with the next delivery', async () => {
  const world = await tagged();
  const event = removal(world.bucket.delete());
  world.faults.set('remove row 2', new Error('out of power'));
  await expect(removeImage(event, world.dependencies())).rejects.toThrow('out of power');
  world.faults.clear();
  await removeImage(event, world.dependencies());

  expect(world.records.rows).toEqual([]);
});

test('a deletion that comes after a newer upload’s event changes nothing', async () => {
  const world = new TaggingWorld();
  const deletion = removal(world.bucket.delete());
  await tagImage(world.upload('cat'), world.dependencies());

  expect(await removeImage(deletion, world.dependencies())).toEqual({ kind: 'skipped', why: 'superseded' });
  expect(world.records.entry).toMatchObject({ state: 'tagged' });
});

test('a delete marker hides the record of whatever version', async () => {
  const world = await tagged({ versioned: true });
  await removeImage(removal(world.bucket.delete(), { marker: true }), world.dependencies());

  expect(isHidden(world)).toBe(true);
});

test('the end of the record’s version hides it, at its own position', async () => {
  const world = await tagged({ versioned: true });
  await removeImage(removal(world.bucket.deleteVersion('v1')), world.dependencies());

  expect(world.records.entry).toMatchObject({ versionId: 'v1', sequencer: '001', deletedAt: NOW.toISOString() });
});

test('the deletion of another version changes nothing', async () => {
  const world = await tagged({ versioned: true });
  await tagImage(world.upload('cow'), world.dependencies());
  await removeImage(removal(world.bucket.deleteVersion('v1')), world.dependencies());

  expect(world.records.entry).toMatchObject({ state: 'tagged', versionId: 'v2' });
});

describe('an expiry without a sequencer', () => {
  const expiry: RemovedEvent = {
    kind: 'lifecycle-expired',
    name: NAME,
    versionId: null,
    marker: false,
    sequencer: null,
  };

  test('hides the record once the object is seen to be gone', async () => {
    const world = await tagged();
    world.bucket.delete();

    expect(await removeImage(expiry, world.dependencies())).toEqual({ kind: 'deleted' });
    expect(world.records.entry).toMatchObject({ sequencer: '001', deletedAt: NOW.toISOString() });
    expect(world.records.rows).toEqual([]);
  });

  test('changes nothing while there is an object', async () => {
    const world = await tagged();

    expect(await removeImage(expiry, world.dependencies())).toEqual({ kind: 'skipped', why: 'superseded' });
    expect(world.records.entry).toMatchObject({ state: 'tagged' });
  });

  test('of another version changes nothing', async () => {
    const world = await tagged({ versioned: true });
    await removeImage({ ...expiry, versionId: 'v0' }, world.dependencies());

    expect(world.records.entry).toMatchObject({ state: 'tagged' });
  });

  test('behind a delete marker hides the record', async () => {
    const world = await tagged({ versioned: true });
    const { versionId } = world.bucket.delete();
    await removeImage({ ...expiry, versionId, marker: true }, world.dependencies());

    expect(isHidden(world)).toBe(true);
  });

  test('of an image without a record changes nothing', async () => {
    const world = new TaggingWorld();
    await removeImage(expiry, world.dependencies());

    expect(world.records.entry).toBeNull();
  });
});
