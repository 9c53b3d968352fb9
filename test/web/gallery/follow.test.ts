import type * as Wire from '../../../functions/wire.ts';
import { openAlbum } from '../../../web/gallery/album.ts';
import { follow } from '../../../web/gallery/follow.ts';
import { createStore } from '../../../web/store.ts';
import { image, images } from './images.ts';

const NEVER = new AbortController().signal;

interface World {
  /** The newest images in the bucket. */
  newest: Wire.Image[];
  readonly limits: number[];
  readonly seen: number[];
  /** Number of times the album was loaded again. */
  looks: number;
  look: () => Promise<void>;
}

/** A bucket, and an album that shows these images of it. */
function world(shown: Wire.Image[], isWhole: boolean): World {
  const state = createStore({ images: shown, cursor: null, waiting: 0, isLoading: false, failure: null });
  const made: World = { newest: shown, limits: [], seen: [], looks: 0, look: () => look(NEVER) };
  const look = follow({
    api: {
      images: async ({ limit }) => {
        made.limits.push(limit);
        return { images: made.newest.slice(0, limit), cursor: null };
      },
    },
    album: {
      state,
      lookAgain: async () => {
        made.looks += 1;
      },
    },
    isWhole,
    onSeen: ({ length }) => made.seen.push(length),
  });
  return made;
}

test('few images are asked for, and the page is loaded again only when they change, then a few times', async () => {
  const bucket = world(images('abcdefghij'), true);
  const looks: number[] = [];
  const lookTimes = async (times: number) => {
    for (let time = 0; time < times; time += 1) await bucket.look();
    looks.push(bucket.looks);
  };

  await lookTimes(3);
  bucket.newest = images('xabcdefghi');
  await lookTimes(5);
  bucket.newest = [image('x', { updatedAt: '2026-11-26T00:00:00Z' }), ...images('abcdefghi')];
  await lookTimes(1);

  expect(looks).toEqual([0, 3, 4]);
  expect(new Set(bucket.limits)).toEqual(new Set([6]));
});

test('without a change, too, the page is loaded again after half a minute, for images that were deleted', async () => {
  const bucket = world(images('abc'), true);

  for (let time = 0; time < 40; time += 1) await bucket.look();

  expect(bucket.looks).toBe(2);
});

test('a search starts with a page of the newest images, whose labels can be offered', async () => {
  const bucket = world(images('abcdefghij'), false);

  await bucket.look();
  await bucket.look();

  expect(bucket.seen).toEqual([10, 6]);
});

test('what is seen reaches the album', async () => {
  const api = {
    images: async () => ({ images: images('xab'), cursor: null }),
  };
  const album = openAlbum({ api, filter: { label: 'daisy', minProbability: 0 }, isReading: () => false });

  await follow({ api, album, isWhole: false, onSeen: () => {} })(NEVER);

  expect(album.state.get().images).toHaveLength(3);
  album.close();
});
