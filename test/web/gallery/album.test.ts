import { setImmediate } from 'node:timers/promises';
import type * as Wire from '../../../functions/wire.ts';
import { ApiError } from '../../../web/api/api-error.ts';
import type { Api } from '../../../web/api/client.ts';
import { type Album, commonLabels, headline, openAlbum } from '../../../web/gallery/album.ts';
import { prediction, scriptedApi, TIME } from '../classify/pictures.ts';

const EVERYTHING = { label: '', minProbability: 0 };

let album: Album | undefined;

afterEach(() => album?.close());

function image(id: string, part: Partial<Wire.Image> = {}): Wire.Image {
  return {
    id,
    key: `${id}.jpg`,
    url: `https://bucket.test/${id}?1`,
    urlExpiresAt: TIME,
    state: 'tagged',
    model: 'sample',
    predictions: [prediction('daisy', 0.86)],
    concepts: [],
    concept: null,
    size: 1,
    width: 1,
    height: 1,
    format: 'jpeg',
    reason: null,
    lastModified: null,
    createdAt: null,
    updatedAt: null,
    ...part,
  };
}

async function open(part: Partial<Api>, filter = EVERYTHING): Promise<Album> {
  album = openAlbum(scriptedApi(part), filter);
  await setImmediate();
  return album;
}

test('continues from page to page, and shows an image once that moved between two pages', async () => {
  const pages = [
    { images: [image('a'), image('b')], cursor: 'next' },
    { images: [image('b'), image('c')], cursor: null },
  ];
  const cursors: unknown[] = [];
  const { state, more } = await open({
    images: async ({ cursor }) => {
      cursors.push(cursor);
      return pages.shift() ?? { images: [], cursor: null };
    },
  });

  await more();

  expect(cursors).toEqual([null, 'next']);
  expect(state.get().images.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(state.get()).toMatchObject({ cursor: null, isLoading: false, failure: null });
});

test('a failed page is explained in words, and requested again from where it stopped', async () => {
  let isBroken = true;
  const { state, more } = await open({
    images: async () => {
      if (isBroken) throw new ApiError('the table is away', { status: 500 });
      return { images: [image('a')], cursor: null };
    },
  });

  expect(state.get()).toMatchObject({ isLoading: false, failure: { detail: 'the table is away' } });
  isBroken = false;
  await more();
  expect(state.get()).toMatchObject({ images: [{ id: 'a' }], failure: null });
});

test('one page is requested at a time', async () => {
  let asked = 0;
  const { more } = await open({
    images: () => {
      asked += 1;
      return new Promise(() => {});
    },
  });

  await Promise.all([more(), more()]);

  expect(asked).toBe(1);
});

test('an image that is loaded again keeps the match of the search', async () => {
  const match = { label: 'daisy', rank: 2, probability: 0.2 };
  const { state, refresh } = await open({
    images: async () => ({ images: [image('a', { match })], cursor: null }),
    image: async (id) => image(id, { url: 'https://bucket.test/a?2' }),
  });

  await refresh('a');

  expect(state.get().images).toEqual([image('a', { match, url: 'https://bucket.test/a?2' })]);
});

test('a pending image is requested until its result is known', async () => {
  const { state } = await open({
    images: async () => ({ images: [image('a', { state: 'pending', predictions: [] }), image('b')], cursor: null }),
    image: async (id) => image(id),
  });

  await new Promise<void>((resolve) => {
    const end = state.subscribe(() => {
      end();
      resolve();
    });
  });

  expect(state.get().images.map(({ state: one }) => one)).toEqual(['tagged', 'tagged']);
});

test('an empty album is loaded again, because a picture may be about to be tagged', async () => {
  let asked = 0;
  const { state } = await open({
    images: async () => {
      asked += 1;
      return { images: asked < 2 ? [] : [image('a')], cursor: null };
    },
  });
  const loading: boolean[] = [];
  await new Promise<void>((resolve) => {
    const end = state.subscribe(() => {
      loading.push(state.get().isLoading);
      if (state.get().images.length === 0) return;
      end();
      resolve();
    });
  });

  expect(state.get().images.map(({ id }) => id)).toEqual(['a']);
  expect(loading).not.toContain(true); // nothing flickers meanwhile
});

test('a closed album changes no more', async () => {
  let answer: (page: { images: Wire.Image[]; cursor: null }) => void = () => {};
  const { state, close } = await open({
    images: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });

  close();
  answer({ images: [image('a')], cursor: null });
  await setImmediate();

  expect(state.get().images).toEqual([]);
});

test('the headline of an image is the searched label, else its best label, else nothing', () => {
  const match = { label: 'lemon', rank: 2, probability: 0.2 };

  expect(headline(image('a', { match }))).toMatchObject({ label: 'lemon', probability: 0.2 });
  expect(headline(image('a'))).toMatchObject({ label: 'daisy', probability: 0.86 });
  expect(headline(image('a', { predictions: [] }))).toBeNull();
});

test('the labels offered are the most frequent ones first', () => {
  const of = (label: string) => image(label, { predictions: [prediction(label, 1)] });

  const labels = commonLabels([of('b'), of('a'), of('c'), of('c'), image('x', { predictions: [] })], 2);

  expect(labels).toEqual(['c', 'a']);
});
