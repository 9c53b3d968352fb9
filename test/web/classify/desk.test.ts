import { setImmediate } from 'node:timers/promises';
import type * as Wire from '../../../functions/wire.ts';
import { ApiError } from '../../../web/api/api-error.ts';
import type { Api, ClassifyOptions } from '../../../web/api/client.ts';
import { createDesk, MAX_PICTURES } from '../../../web/classify/desk.ts';
import { ASSUMED_LIMITS } from '../../../web/classify/send-picture.ts';
import { CLASSIFICATION, scriptedApi } from './pictures.ts';

interface Asked {
  readonly options: ClassifyOptions;
  readonly signal: AbortSignal;
  readonly answer: (answer: Wire.Classification) => void;
  readonly fail: (error: unknown) => void;
}

/** Opens a desk whose requests wait for the test to answer them. */
function openDesk() {
  const asked: Asked[] = [];
  const classify: Api['classify'] = (_picture, options, signal) =>
    new Promise((answer, fail) => asked.push({ options, signal, answer, fail }));
  return {
    asked,
    desk: createDesk({
      api: scriptedApi({ classify }),
      limits: () => ASSUMED_LIMITS,
      token: async () => null,
      hasLogin: () => false,
    }),
  };
}

function files(count: number): File[] {
  return Array.from({ length: count }, (_, index) => new File(['x'], `${index}.jpg`));
}

test('ten pictures are sent three at a time, and all get their answers', async () => {
  const { asked, desk } = openDesk();

  desk.add(files(10));

  expect(asked).toHaveLength(3);
  for (let next = 0; next < 10; next += 1) {
    asked[next]?.answer(CLASSIFICATION);
    await setImmediate();
    expect(asked).toHaveLength(Math.min(10, next + 4));
  }
  expect(desk.pictures.get().map(({ step }) => step.kind)).toEqual(Array(10).fill('done'));
  expect(new Set(asked.map(({ options }) => options.idempotencyKey)).size).toBe(10);
});

test('the newest pictures come first', () => {
  const { desk } = openDesk();

  desk.add([new File(['x'], 'first.jpg')]);
  desk.add([new File(['x'], 'second.jpg'), new File(['x'], 'third.jpg')]);

  expect(desk.pictures.get().map(({ file }) => file.name)).toEqual(['second.jpg', 'third.jpg', 'first.jpg']);
});

test('one failure is shown, and the others continue', async () => {
  const { asked, desk } = openDesk();
  desk.add(files(2));

  asked[0]?.fail(new ApiError('no picture format begins so', { status: 415, code: 'not-an-image' }));
  asked[1]?.answer(CLASSIFICATION);
  await setImmediate();

  expect(desk.pictures.get().map(({ step }) => step)).toMatchObject([
    { kind: 'failed', explanation: { title: 'Not a picture', detail: 'no picture format begins so' } },
    { kind: 'done' },
  ]);
});

test('a retry uses the current options and its own idempotency key', async () => {
  const { asked, desk } = openDesk();
  desk.add(files(1));
  asked[0]?.fail(new ApiError('later', { status: 500 }));
  await setImmediate();

  desk.options.update(() => ({ model: 'heavy', explain: false }));
  desk.retry(desk.pictures.get()[0]?.id ?? 0);
  asked[1]?.answer(CLASSIFICATION);
  await setImmediate();

  expect(asked.map(({ options }) => [options.model, options.explain])).toEqual([
    [null, true],
    ['heavy', false],
  ]);
  expect(asked[1]?.options.idempotencyKey).not.toBe(asked[0]?.options.idempotencyKey);
  expect(desk.pictures.get()[0]?.step.kind).toBe('done');
});

test('a removed picture is not sent any more', async () => {
  const { asked, desk } = openDesk();
  desk.add(files(5));
  const [first, , , fourth] = desk.pictures.get();

  desk.remove(first?.id ?? 0);
  desk.remove(fourth?.id ?? 0);
  asked[0]?.fail(new Error('taken back'));
  await setImmediate();

  expect(asked[0]?.signal.aborted).toBe(true);
  expect(asked).toHaveLength(4);
  expect(desk.pictures.get().map(({ file }) => file.name)).toEqual(['1.jpg', '2.jpg', '4.jpg']);
});

test('clearing ends every request', () => {
  const { asked, desk } = openDesk();
  desk.add(files(5));

  desk.clear();

  expect(desk.pictures.get()).toEqual([]);
  expect(asked.every(({ signal }) => signal.aborted)).toBe(true);
});

test("pictures beyond the page's limit are left out, and their number is reported", () => {
  const { desk } = openDesk();

  const leftOut = [desk.add(files(MAX_PICTURES + 1)), desk.add(files(2))];

  expect(leftOut).toEqual([1, 2]);
  expect(desk.pictures.get()).toHaveLength(MAX_PICTURES);
});
