import { setTimeout as delay } from 'node:timers/promises';
import { createModelShelf } from '../../../../functions/gpu-worker/models/model-shelf.ts';
import { validManifest } from '../../../classifier/valid-manifest.ts';

/** Weights of each model, in bytes. */
const WEIGHTS: Record<string, number> = { small: 30, other: 40, large: 80, huge: 500 };

function locate(name: string) {
  const manifest = validManifest();
  const files = { ...manifest.files, 'weights.bin': { bytes: WEIGHTS[name] ?? 0, sha256: 'a'.repeat(64) } };
  return { packageDir: `/models/${name}`, manifest: { ...manifest, files } };
}

function shelfOf(memoryBytes: number) {
  const events: string[] = [];
  const failing = new Set<string>();
  const notOpened: unknown[] = [];
  const located: string[] = [];
  const clock = { now: 0 };
  const shelf = createModelShelf({
    memoryBytes,
    now: () => clock.now,
    locate: async (name) => {
      located.push(name);
      return locate(name);
    },
    open: async (name) => {
      await delay(1);
      if (failing.has(name)) throw new Error(`${name} is damaged`);
      events.push(`open ${name}`);
      return { ...locate(name), graph: 'model.onnx', provider: 'cpu', refusals: [], sizes: null, fallback: null };
    },
    close: async (name) => {
      events.push(`close ${name}`);
    },
    onOpened: () => {},
    onNotOpened: (error) => notOpened.push(error),
    onClosed: () => {},
  });
  return Object.assign(clock, { shelf, located, events, failing, notOpened });
}

async function useOnce({ shelf }: ReturnType<typeof shelfOf>, name: string): Promise<void> {
  (await shelf.use(name)).giveBack();
}

test('a model is opened once, however many ask at the same time', async () => {
  const { shelf, events } = shelfOf(100);
  const leases = await Promise.all([shelf.use('small'), shelf.use('small'), shelf.use('small')]);

  expect(events).toEqual(['open small']);
  expect(leases.map(({ model }) => [model.name, model.packageDir, model.provider])).toEqual(
    Array.from({ length: 3 }, () => ['small', '/models/small', 'cpu']),
  );
});

test('as many models stay open as fit, and the one unused for longest is closed first', async () => {
  const shelf = shelfOf(100);
  await useOnce(shelf, 'small');
  await useOnce(shelf, 'other');
  await useOnce(shelf, 'small');
  expect(shelf.events).toEqual(['open small', 'open other']);
  await useOnce(shelf, 'large');

  expect(shelf.events).toEqual(['open small', 'open other', 'close other', 'close small', 'open large']);
  expect(shelf.shelf.models().map(({ name }) => name)).toEqual(['large']);
});

test('a model that is larger than the limit alone is served alone', async () => {
  const shelf = shelfOf(100);
  await useOnce(shelf, 'small');
  await useOnce(shelf, 'huge');

  expect(shelf.events).toEqual(['open small', 'close small', 'open huge']);
});

test('a model in use is not closed; who asks for it meanwhile gets it opened again afterwards', async () => {
  const { shelf, events } = shelfOf(100);
  const inUse = await shelf.use('large');
  const other = shelf.use('other');
  await delay(10);
  expect(events).toEqual(['open large']);
  const again = shelf.use('large');
  inUse.giveBack();
  (await other).giveBack();
  await again;

  expect(events).toEqual(['open large', 'close large', 'open other', 'close other', 'open large']);
});

test('a model that cannot be opened is told once, tried again a minute later, and does not block other models', async () => {
  const world = shelfOf(100);
  const { shelf, events, failing, notOpened } = world;
  failing.add('small');

  await expect(shelf.use('small')).rejects.toThrow('damaged');
  await shelf.use('other');
  failing.clear();
  world.now = 60_000;
  await shelf.use('small');
  expect(events).toEqual(['open other', 'open small']);
  expect(notOpened).toEqual([new Error('small is damaged')]);
});

test('who asks for a model that cannot be opened gets the same error for a minute, and closes no other', async () => {
  const world = shelfOf(100);
  const { shelf, located, events, failing, notOpened } = world;
  failing.add('large');
  const error = new Error('large is damaged');

  const first = await Promise.allSettled([shelf.use('large'), shelf.use('large')]);
  await useOnce(world, 'other');
  world.now = 59_999;
  await expect(shelf.use('large')).rejects.toThrow(error);
  expect(first).toEqual(Array.from({ length: 2 }, () => ({ status: 'rejected', reason: error })));
  expect([events, located]).toEqual([['open other'], ['large', 'other']]);

  world.now = 60_000;
  await expect(shelf.use('large')).rejects.toThrow(error);
  expect([events, located]).toEqual([
    ['open other', 'close other'],
    ['large', 'other', 'large'],
  ]);
  expect(notOpened).toEqual([error, error]);
});
