import { setImmediate } from 'node:timers/promises';
import { ApiError } from '../../../web/api/api-error.ts';
import type { Api } from '../../../web/api/client.ts';
import { type Album, headline, openAlbum } from '../../../web/gallery/album.ts';
import { idsOf, image, images } from './images.ts';

let album: Album | undefined;

afterEach(() => album?.close());

interface Opening {
  readonly isReading?: () => boolean;
}

async function open(ask: Api['images'], { isReading = () => false }: Opening = {}): Promise<Album> {
  album = openAlbum({ api: { images: ask }, filter: { label: '', minProbability: 0 }, isReading });
  await setImmediate();
  return album;
}

/** Answers with one page after the other, and goes on with the last one. */
function pagesOf(...pages: readonly { readonly ids: string; readonly cursor: string | null }[]): Api['images'] {
  let next = 0;
  return async () => {
    const { ids = '', cursor = null } = pages[Math.min(next, pages.length - 1)] ?? {};
    next += 1;
    return { images: images(ids), cursor };
  };
}

test('continues from page to page, and shows an image once that moved between two pages', async () => {
  const pages = [
    { images: [image('a'), image('b')], cursor: 'next' },
    { images: [image('b'), image('c')], cursor: null },
  ];
  const cursors: unknown[] = [];
  const { state, more } = await open(async ({ cursor }) => {
    cursors.push(cursor);
    return pages.shift() ?? { images: [], cursor: null };
  });

  await more();

  expect(cursors).toEqual([null, 'next']);
  expect(state.get().images.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(state.get()).toMatchObject({ cursor: null, isLoading: false, failure: null });
});

test('a failed page is explained in words, and requested again from where it stopped', async () => {
  let isBroken = true;
  const { state, more } = await open(async () => {
    if (isBroken) throw new ApiError('the table is away', { status: 500 });
    return { images: [image('a')], cursor: null };
  });

  expect(state.get()).toMatchObject({ isLoading: false, failure: { detail: 'the table is away' } });
  isBroken = false;
  await more();
  expect(state.get()).toMatchObject({ images: [{ id: 'a' }], failure: null });
});

test('one page is requested at a time', async () => {
  let asked = 0;
  const { more } = await open(() => {
    asked += 1;
    return new Promise(() => {});
  });

  await Promise.all([more(), more()]);

  expect(asked).toBe(1);
});

test('new images are shown first, and deleted ones disappear', async () => {
  const { state, lookAgain } = await open(pagesOf({ ids: 'abc', cursor: 'c' }, { ids: 'xac', cursor: 'c' }));

  await lookAgain();

  expect(idsOf(state.get().images)).toBe('xac');
  expect(state.get()).toMatchObject({ cursor: 'c', waiting: 0 });
});

test('while somebody reads, new images wait, and nothing moves', async () => {
  const { state, lookAgain, showWaiting } = await open(
    pagesOf({ ids: 'abc', cursor: null }, { ids: 'xyac', cursor: null }),
    { isReading: () => true },
  );

  await lookAgain();
  expect(idsOf(state.get().images)).toBe('abc');
  expect(state.get().waiting).toBe(2);
  showWaiting();

  expect(idsOf(state.get().images)).toBe('xyac');
  expect(state.get().waiting).toBe(0);
});

test('what waited is shown by itself once nobody reads any more', async () => {
  let isReading = true;
  const { state, lookAgain } = await open(pagesOf({ ids: 'a', cursor: null }, { ids: 'xa', cursor: null }), {
    isReading: () => isReading,
  });

  await lookAgain();
  isReading = false;
  await lookAgain();

  expect(idsOf(state.get().images)).toBe('xa');
  expect(state.get().waiting).toBe(0);
});

test('the first image of an empty list is shown at once', async () => {
  const { state, lookAgain } = await open(pagesOf({ ids: '', cursor: null }, { ids: 'a', cursor: null }), {
    isReading: () => true,
  });

  await lookAgain();

  expect(idsOf(state.get().images)).toBe('a');
});

test('a look while the next page is loading changes nothing', async () => {
  let answer: (page: { images: []; cursor: null }) => void = () => {};
  const pages = [
    async () => ({ images: images('ab'), cursor: 'b' }),
    () =>
      new Promise<{ images: []; cursor: null }>((resolve) => {
        answer = resolve;
      }),
    async () => ({ images: images('xa'), cursor: 'a' }),
  ];
  const { state, more, lookAgain } = await open(() => (pages.shift() as (typeof pages)[number])());

  const loading = more();
  await lookAgain();
  answer({ images: [], cursor: null });
  await loading;

  expect(idsOf(state.get().images)).toBe('ab');
});

test('a failed look is for the caller, and what is shown stays', async () => {
  let isBroken = false;
  const { state, lookAgain } = await open(async () => {
    if (isBroken) throw new ApiError('the table is away', { status: 500 });
    return { images: images('a'), cursor: null };
  });
  isBroken = true;

  await expect(lookAgain()).rejects.toThrow('the table is away');

  expect(state.get()).toMatchObject({ images: [{ id: 'a' }], failure: null });
});

test('a closed album changes no more', async () => {
  let answer: (page: Awaited<ReturnType<Api['images']>>) => void = () => {};
  const { state, close } = await open(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );

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

test('an image that was found by a concept has its own label, and says by how much it was found', () => {
  const match = { label: 'flower', rank: null, probability: 0.97 };

  expect(headline(image('a', { match }))).toEqual({
    label: 'daisy',
    probability: 0.86,
    group: { label: 'flower', probability: 0.97 },
  });
  expect(headline(image('a', { match, predictions: [] }))).toEqual({ label: 'flower', probability: 0.97, group: null });
  expect(headline(image('a', { match: { ...match, rank: 1 } }))).toEqual({
    label: 'flower',
    probability: 0.97,
    group: null,
  });
});
