import { pause, poll } from '../../../web/api/poll.ts';

const NEVER = new AbortController().signal;

test('asks until the answer is final, with pauses that grow up to a limit', async () => {
  const pauses: number[] = [];
  let answer = 0;

  const last = await poll(
    async () => {
      answer += 1;
      return answer;
    },
    (value) => value === 6,
    NEVER,
    { backoff: { firstMs: 100, factor: 2, maxMs: 500 }, sleep: async (ms) => void pauses.push(ms) },
  );

  expect(last).toBe(6);
  expect(pauses).toEqual([100, 200, 400, 500, 500]);
});

test('gives up when asking fails', async () => {
  const asking = poll(
    async () => {
      throw new Error('gone');
    },
    () => true,
    NEVER,
  );

  await expect(asking).rejects.toThrow('gone');
});

test('ends with the signal, even in the middle of a pause', async () => {
  const ending = new AbortController();
  const asking = poll(
    async () => null,
    () => false,
    ending.signal,
    { backoff: { firstMs: 60_000, factor: 1, maxMs: 60_000 } },
  );

  ending.abort(new Error('removed'));

  await expect(asking).rejects.toThrow('removed');
});

test('a pause takes its time', async () => {
  const before = performance.now();

  await pause(30, NEVER);

  expect(performance.now() - before).toBeGreaterThanOrEqual(29);
});
