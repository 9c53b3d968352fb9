import { jest } from '@jest/globals';
import type { Prediction } from '../../../../functions/wire.ts';
import { type ApiCall, jsonOf, openTestApi } from '../test-api.ts';
import { type ContractWorld, JPEG, JSON_TYPE, typeOf } from './contract-world.ts';

/** What an Idempotency-Key does. */
export function idempotencyTests(world: ContractWorld): void {
  const withKey = (key: string) => ({ headers: { ...JPEG, 'Idempotency-Key': key }, body: world.picture });

  test('the same key and request: the same answer and one job', async () => {
    const before = world.asked.length;
    const first = await world.api.call('POST', '/classify?model=heavy', withKey('one'));
    const second = await world.api.call('POST', '/classify?model=heavy', withKey('one'));

    expect(second).toEqual(first);
    expect(world.asked.length).toBe(before + 1);
  });

  test('an answer that is too large to be kept is given, and made again', async () => {
    const real = await world.api.dependencies.classifier();
    let calls = 0;
    const api = openTestApi({
      modelsDir: world.folder,
      model: 'sample',
      change: () => ({
        classifier: async () => ({
          ...real,
          async classify(...all: Parameters<typeof real.classify>) {
            calls += 1;
            return (await real.classify(...all)).map((entry) =>
              'error' in entry ? entry : { ...entry, predictions: entry.predictions.map(withLongLabel) },
            );
          },
        }),
      }),
    });

    const first = await api.call('POST', '/classify?top=1000', withKey('large'));
    const second = await api.call('POST', '/classify?top=1000', withKey('large'));

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body.length).toBeGreaterThan(409_600);
    expect(jsonOf(second).predictions).toEqual(jsonOf(first).predictions);
    expect(calls).toBe(2);
  });

  test('the same key for an upload: the same form', async () => {
    const request = { headers: { ...JSON_TYPE, 'Idempotency-Key': 'two' }, body: '{"contentType":"image/png"}' };

    expect(await world.api.call('POST', '/uploads', request)).toEqual(
      await world.api.call('POST', '/uploads', request),
    );
  });

  test('a form is given again while it is good for another minute, and then a new one', async () => {
    const upload = { headers: { ...JSON_TYPE, 'Idempotency-Key': 'late' }, body: '{"contentType":"image/png"}' };
    const start = Date.now();
    const after = async (seconds: number, target: string, request: ApiCall) => {
      const clock = jest.spyOn(Date, 'now').mockReturnValue(start + seconds * 1000);
      const answer = await world.api.call('POST', target, request).finally(() => clock.mockRestore());
      return jsonOf(answer);
    };

    const form = await after(0, '/uploads', upload);
    const job = await after(0, '/classify?model=heavy', withKey('late'));

    expect(await after(239, '/uploads', upload)).toEqual(form);
    expect(await after(241, '/uploads', upload)).not.toEqual(form);
    expect(await after(3_599, '/classify?model=heavy', withKey('late'))).toEqual(job);
  });

  test('the same key with another request: 422', async () => {
    await world.api.call('POST', '/classify', withKey('three'));
    const other = await world.api.call('POST', '/classify?top=1', withKey('three'));
    const upload = { headers: { ...JSON_TYPE, 'Idempotency-Key': 'three' }, body: '{"contentType":"image/png"}' };

    expect([other.status, typeOf(other)]).toEqual([422, 'idempotency-key-reused']);
    expect((await world.api.call('POST', '/uploads', upload)).status).toBe(201);
    const reused = await world.api.call('POST', '/uploads', { ...upload, body: '{"contentType":"image/gif"}' });
    expect([reused.status, typeOf(reused)]).toEqual([422, 'idempotency-key-reused']);
  });

  test('while the first is under way: 409; afterwards its answer', async () => {
    let open = () => {};
    const classifier = await world.api.dependencies.classifier();
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = openTestApi({
      modelsDir: world.folder,
      model: 'sample',
      change: (real) => ({
        classifier: () => held.then(() => classifier),
        bucket: { ...real.bucket, presignPost: (...all) => held.then(() => real.bucket.presignPost(...all)) },
      }),
    });
    const upload = { headers: { ...JSON_TYPE, 'Idempotency-Key': 'four' }, body: '{"contentType":"image/png"}' };
    const firsts = [slow.call('POST', '/classify', withKey('four')), slow.call('POST', '/uploads', upload)];
    await new Promise((resolve) => setTimeout(resolve, 200));

    for (const second of [slow.call('POST', '/classify', withKey('four')), slow.call('POST', '/uploads', upload)]) {
      const answer = await second;
      expect([answer.status, typeOf(answer), answer.headers['retry-after']]).toEqual([409, 'request-in-progress', '1']);
    }
    open();
    const [first] = await Promise.all(firsts);
    expect(await slow.call('POST', '/classify', withKey('four'))).toEqual(first);
    for (const name of slow.seen) world.seenElsewhere.add(name);
  });

  test('a request that failed may be sent again', async () => {
    const failed = await world.broken.call('POST', '/classify', withKey('five'));
    const again = await world.broken.call('POST', '/classify', withKey('five'));

    expect([failed.status, again.status]).toEqual([500, 500]);
  });

  test.each([
    ['nothing', ''],
    ['a space', 'a b'],
    ['a letter beyond ASCII', 'ü'],
    ['256 characters', 'a'.repeat(256)],
  ])('%s: no key', async (_name, key) => {
    const answer = await world.api.call('POST', '/classify', withKey(key));

    expect(jsonOf(answer)).toMatchObject({ status: 400, parameter: 'Idempotency-Key' });
  });
}

function withLongLabel(prediction: Prediction): Prediction {
  return { ...prediction, label: prediction.label.padEnd(500, '.') };
}
