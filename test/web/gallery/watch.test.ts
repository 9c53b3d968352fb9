import { LOOK_EVERY_MS, MAX_PAUSE_MS, watch } from '../../../web/gallery/watch.ts';

const visible = async () => {};

test('looks again and again, with pauses that double while looking fails', async () => {
  const ending = new AbortController();
  const pauses: number[] = [];
  const outcomes = ['ok', ...Array.from({ length: 7 }, () => 'fails'), 'ok', 'ok'];

  await watch(
    async () => {
      const outcome = outcomes.shift();
      if (outcomes.length === 0) ending.abort();
      if (outcome === 'fails') throw new Error('away');
    },
    ending.signal,
    { whenVisible: visible, sleep: async (ms) => void pauses.push(ms / LOOK_EVERY_MS) },
  );

  expect(pauses).toEqual([1, 1, 2, 4, 8, 16, 32, MAX_PAUSE_MS / LOOK_EVERY_MS, MAX_PAUSE_MS / LOOK_EVERY_MS, 1]);
});

test('does not look while the page is hidden', async () => {
  const ending = new AbortController();
  const steps: string[] = [];

  await watch(
    async () => {
      steps.push('look');
      ending.abort();
    },
    ending.signal,
    {
      whenVisible: async () => void steps.push('shown again'),
      sleep: async () => void steps.push('pause'),
    },
  );

  expect(steps).toEqual(['pause', 'shown again', 'look']);
});

test('ends without an error when the page goes on to something else', async () => {
  const ending = new AbortController();
  const watching = watch(async () => {}, ending.signal, { whenVisible: visible });

  ending.abort();

  await expect(watching).resolves.toBeUndefined();
});
