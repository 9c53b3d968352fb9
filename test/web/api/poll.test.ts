import { ApiError } from '../../../web/api/api-error.ts';
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

describe('failures in a row', () => {
  /** Polls what fails or answers in this order; a text is the final answer. */
  const polling = (outcomes: readonly (Error | string | null)[]) => {
    const left = [...outcomes];
    const ask = async () => {
      const next = left.shift();
      if (next instanceof Error) throw next;
      return next;
    };
    const sleep = async () => {};
    return poll(ask, (answer) => typeof answer === 'string', NEVER, { maxFailures: 2, sleep });
  };
  const away = (status: number) => new ApiError(`status ${status}`, { status });

  test.each([0, 429, 500, 502, 503, 504])('of status %i are no end while they are few', async (status) => {
    const two = [away(status), away(status)];

    await expect(polling([...two, null, ...two, 'final'])).resolves.toBe('final');
  });

  test('are the end when they are too many', async () => {
    await expect(polling([away(0), away(0), away(502), 'final'])).rejects.toThrow('status 502');
  });

  test.each([away(404), away(401), new Error('a fault of the page')])(
    'are the end at once if they cannot pass: %s',
    async (failure) => {
      await expect(polling([failure, 'final'])).rejects.toBe(failure);
    },
  );
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
