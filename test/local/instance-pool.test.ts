import { openPool } from '../../local/instance-pool.ts';

interface Work {
  readonly instance: string;
  readonly event: unknown;
  readonly finish: () => void;
  readonly fail: () => void;
}

function pool(...names: string[]) {
  const started: Work[] = [];
  const instances = names.map((instance) => ({
    invoke: (event: unknown) =>
      new Promise<unknown>((resolve, reject) => {
        started.push({
          instance,
          event,
          finish: () => resolve(`${event} by ${instance}`),
          fail: () => reject(new Error('crash')),
        });
      }),
  }));
  return { started, invoke: openPool(instances) };
}

test('each instance has one event at a time, and waiting events go in order to the first idle instance', async () => {
  const { started, invoke } = pool('a', 'b');
  const answers = [1, 2, 3, 4].map((event) => invoke(event));
  await Promise.resolve();

  expect(started.map(({ event }) => event)).toEqual([1, 2]);
  started[1]?.finish();
  await answers[1];
  await new Promise(setImmediate);
  expect(started.map(({ event }) => event)).toEqual([1, 2, 3]);
  expect(started[2]?.instance).toBe(started[1]?.instance);
  started[0]?.finish();
  await new Promise(setImmediate);
  started[2]?.finish();
  started[3]?.finish();

  expect(await Promise.all(answers)).toHaveLength(4);
});

test('an instance that failed is free again', async () => {
  const { started, invoke } = pool('a');
  const failing = invoke(1);
  const waiting = invoke(2);
  await Promise.resolve();
  started[0]?.fail();

  await expect(failing).rejects.toThrow('crash');
  await new Promise(setImmediate);
  started[1]?.finish();

  expect(await waiting).toBe('2 by a');
});
