import { ApiError } from '../../../web/api/api-error.ts';
import { RETRY_PAUSES_MS, tryAgain } from '../../../web/gallery/try-again.ts';
import { createStore } from '../../../web/store.ts';

const AWAY = new ApiError('away', { status: 0 });
const GONE = new ApiError('gone', { status: 404, code: 'image-not-found' });

/** Loads the thumbnail of a service that fails as told, and then answers. */
function attempt(failures: ApiError[]) {
  const ending = new AbortController();
  const isLate = createStore(true);
  const pauses: number[] = [];
  let failed = 0;
  const onFail = () => {
    failed += 1;
  };
  const load = async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return 'picture';
  };
  const sleep = async (ms: number) => void pauses.push(ms);
  const loaded = tryAgain(load, { signal: ending.signal, isLate, onFail, sleep });
  return { ending, isLate, pauses, failed: () => failed, loaded };
}

/** Lets promises that are settled take effect. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a failure is told, and tried again after the pauses', async () => {
  const { loaded, failed, pauses } = attempt([AWAY, AWAY]);

  expect(await loaded).toBe('picture');
  expect(failed()).toBe(2);
  expect(pauses).toEqual(RETRY_PAUSES_MS);
});

test('after the pauses it waits until the service is back, each time', async () => {
  const { loaded, failed, isLate } = attempt([AWAY, AWAY, AWAY, AWAY]);
  await settle();
  expect(failed()).toBe(3);

  isLate.update(() => false);
  await settle();
  expect(failed()).toBe(4);
  isLate.update(() => true);
  isLate.update(() => false);

  expect(await loaded).toBe('picture');
});

test('what will never work is not tried again', async () => {
  const { loaded, failed, pauses } = attempt([GONE]);

  await expect(loaded).rejects.toBe(GONE);
  expect(failed()).toBe(1);
  expect(pauses).toEqual([]);
});

test('it ends with the signal', async () => {
  const { loaded, ending, isLate, failed } = attempt([AWAY, AWAY, AWAY]);
  await settle();

  ending.abort();

  await expect(loaded).rejects.toBe(ending.signal.reason);
  isLate.update(() => false);
  await settle();
  expect(failed()).toBe(3);
});
