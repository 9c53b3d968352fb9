import { createHash } from 'node:crypto';
import type { Answerer } from '../../../functions/tagging/answerer.ts';
import type { CreatedEvent } from '../../../functions/tagging/image-event.ts';
import { tagImage } from '../../../functions/tagging/tag-image.ts';
import { eTagOf } from './memory-bucket.ts';
import { NAME, NOW, recordOf, TaggingWorld } from './tagging-world.ts';
import { MODEL_SHA256, wordAnswerer } from './word-classifier.ts';

describe('an upload', () => {
  test('is read, recorded, indexed, tagged, looked at again and published, in this order', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('cat dog'), world.dependencies());

    expect(world.steps).toEqual([
      'GetObject',
      'read',
      'write',
      'GetObjectTagging',
      'PutObjectTagging',
      'put row 1',
      'put row 2',
      'read',
      'publish',
    ]);
  });

  test('has all facts in its record', async () => {
    const world = new TaggingWorld({ versioned: true });
    const outcome = await tagImage(world.upload('cat dog'), world.dependencies());

    expect(recordOf(world)).toEqual({
      ...NAME,
      versionId: 'v1',
      eTag: eTagOf('cat dog'),
      sequencer: '001',
      stage: 0,
      sha256: createHash('sha256').update('cat dog').digest('hex'),
      size: 7,
      lastModified: '2026-11-24T00:00:01.000Z',
      width: 7,
      height: 1,
      format: 'png',
      model: 'words',
      modelSha256: MODEL_SHA256,
      predictions: [
        { rank: 1, label: 'cat', wnid: null, index: 0, probability: 0.5 },
        { rank: 2, label: 'dog', wnid: null, index: 1, probability: 0.25 },
      ],
      concepts: [{ id: 'word', label: 'word', probability: 1 }],
      concept: { id: 'word', label: 'word', probability: 1 },
      state: 'tagged',
      rows: ['cat', 'dog'],
      reason: null,
      escalatedTo: null,
      createdAt: NOW.toISOString(),
      updatedAt: NOW.toISOString(),
    });
    expect(outcome).toMatchObject({ kind: 'recorded', record: recordOf(world) });
    expect(world.published).toEqual([recordOf(world)]);
  });

  test('keeps the tags it came with', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('cat', [{ key: 'team', value: 'red' }]), world.dependencies());

    expect(world.bucket.currentTags).toEqual([
      { key: 'team', value: 'red' },
      { key: 'autoswiftnet:label', value: 'cat' },
      { key: 'autoswiftnet:confidence', value: '0.500' },
      { key: 'autoswiftnet:model', value: 'words' },
    ]);
  });

  test('keeps the time of the first record', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('cat'), world.dependencies());
    world.now = new Date('2026-11-25T00:00:00Z');
    await tagImage(world.upload('dog'), world.dependencies());

    expect(recordOf(world)).toMatchObject({ createdAt: NOW.toISOString(), updatedAt: '2026-11-25T00:00:00.000Z' });
  });

  test.each([true, false])(
    'whose object goes while it is answered (versions: %p) is hidden, and not published',
    async (versioned) => {
      const world = new TaggingWorld({ versioned });
      const answerer: Answerer = {
        ...wordAnswerer,
        classify: (bytes) => {
          world.bucket.deleteVersion(versioned ? 'v1' : 'null');
          return wordAnswerer.classify(bytes);
        },
      };
      const outcome = await tagImage(world.upload('cat'), world.dependencies({ answerer }));

      expect(outcome).toEqual({ kind: 'skipped', why: 'gone' });
      expect(world.records.entry).toMatchObject({ sequencer: '001', deletedAt: NOW.toISOString() });
      expect([world.records.rows, world.published]).toEqual([[], []]);
    },
  );

  test('that is known is not read again; tags and rows that a crash left out are made up for, and it is published', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat dog');
    world.faults.set('put row 2', new Error('out of power'));
    await expect(tagImage(event, world.dependencies())).rejects.toThrow('out of power');
    world.faults.clear();
    world.steps.length = 0;
    const outcome = await tagImage(event, world.dependencies());

    expect(outcome).toEqual({ kind: 'skipped', why: 'already-done' });
    expect(world.steps).toEqual(['GetObject', 'read', 'GetObjectTagging', 'put row 2', 'read', 'publish']);
    expect(world.published).toHaveLength(1);
  });

  test('may be configured to leave tags alone', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('cat'), world.dependencies({ tags: { labels: 0, threshold: 0, concept: true } }));

    expect(world.steps.filter((step) => step.includes('Tagging'))).toEqual([]);
    expect(recordOf(world).state).toBe('tagged');
  });

  test('that the model fails to classify is a fault of ours', async () => {
    const world = new TaggingWorld();
    const answerer = { ...wordAnswerer, classify: () => Promise.reject(new TypeError('no kernel')) };

    await expect(tagImage(world.upload('cat'), world.dependencies({ answerer }))).rejects.toThrow('no kernel');
    expect(world.records.entry).toBeNull();
  });
});

describe('rejected with its reason, never an error', () => {
  const stale = [
    { key: 'team', value: 'red' },
    { key: 'autoswiftnet:label', value: 'copied' },
  ];

  test('a file that is not an image, and its stale tags are removed', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('bad text', stale), world.dependencies());

    expect(recordOf(world)).toMatchObject({
      state: 'rejected',
      reason: { code: 'not-an-image', message: expect.stringContaining('expected a picture') },
      sha256: createHash('sha256').update('bad text').digest('hex'),
      predictions: [],
      width: null,
      model: 'words',
      modelSha256: null,
    });
    expect(world.bucket.currentTags).toEqual([{ key: 'team', value: 'red' }]);
    expect(world.published).toEqual([recordOf(world)]);
  });

  test.each([
    ['nothing', '', 'not-an-image'],
    ['one byte too many', 'x'.repeat(101), 'image-too-large'],
  ])('%s, by the event’s word, without a download', async (_what, content, code) => {
    const world = new TaggingWorld();
    await tagImage(world.upload(content, stale), world.dependencies());

    expect(recordOf(world)).toMatchObject({ state: 'rejected', reason: { code }, size: content.length, sha256: null });
    expect(world.steps).not.toContain('GetObject');
    expect(world.bucket.currentTags).toEqual([{ key: 'team', value: 'red' }]);
  });

  test.each([
    ['nothing', '', 'not-an-image'],
    ['one byte too many', 'x'.repeat(101), 'image-too-large'],
  ])('%s, where the event does not tell', async (_what, content, code) => {
    const world = new TaggingWorld();
    await tagImage({ ...world.upload(content), size: null }, world.dependencies());

    expect(recordOf(world)).toMatchObject({
      state: 'rejected',
      reason: { code },
      size: content.length,
      eTag: eTagOf(content),
    });
  });

  test('an image of exactly the limit is none of these', async () => {
    const world = new TaggingWorld();
    await tagImage(world.upload('x'.repeat(100)), world.dependencies());

    expect(recordOf(world).state).toBe('tagged');
  });
});

describe('nothing is recorded of', () => {
  test('a folder marker', async () => {
    const world = new TaggingWorld();
    const marker = { ...world.upload(''), name: { ...NAME, key: 'holiday/' } };

    expect(await tagImage(marker, world.dependencies())).toEqual({ kind: 'skipped', why: 'folder-marker' });
    expect(world.steps).toEqual(['read']);
    expect(world.records.entry).toBeNull();
  });

  test('a folder marker, where the event does not tell its size', async () => {
    const world = new TaggingWorld();
    const marker = { ...world.upload(''), name: { ...NAME, key: 'holiday/' }, size: null };

    expect(await tagImage(marker, world.dependencies())).toEqual({ kind: 'skipped', why: 'folder-marker' });
    expect(world.records.entry).toBeNull();
  });

  test('an object that is deleted by now', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    world.bucket.delete();

    expect(await tagImage(event, world.dependencies())).toEqual({ kind: 'skipped', why: 'gone' });
    expect(world.records.entry).toBeNull();
  });

  test('an object that was replaced by now', async () => {
    const world = new TaggingWorld();
    const event = world.upload('cat');
    world.upload('dog');

    expect(await tagImage(event, world.dependencies())).toEqual({ kind: 'skipped', why: 'superseded' });
    expect(world.records.entry).toBeNull();
  });
});

test('a key that ends in a slash and has bytes is an ordinary image', async () => {
  const world = new TaggingWorld();
  await tagImage({ ...world.upload('cat'), name: { ...NAME, key: 'holiday/' } }, world.dependencies());

  expect(recordOf(world).state).toBe('tagged');
});

test('a folder marker in the place of an image hides its record', async () => {
  const world = new TaggingWorld();
  const inFolder = (event: CreatedEvent) => ({ ...event, name: { ...NAME, key: 'holiday/' } });
  await tagImage(inFolder(world.upload('cat')), world.dependencies());
  await tagImage(inFolder(world.upload('')), world.dependencies());

  expect(world.records.entry).toHaveProperty('deletedAt');
  expect(world.records.rows).toEqual([]);
});

test('a version that is gone leaves a tombstone: older versions must not show up in its place', async () => {
  const world = new TaggingWorld({ versioned: true });
  const older = world.upload('cat');
  const newer = world.upload('dog');
  world.bucket.deleteVersion('v2');
  await tagImage(newer, world.dependencies());
  await tagImage(older, world.dependencies());

  expect(world.records.entry).toMatchObject({ versionId: 'v2', deletedAt: NOW.toISOString() });
});
