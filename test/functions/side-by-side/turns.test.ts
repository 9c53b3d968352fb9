import { createTurns } from '../../../functions/side-by-side/turns.ts';

/** Work that goes on until it is ended, by name. */
function openWork() {
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  return {
    started,
    work: (name: string) => () => {
      started.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
      });
    },
    end: (name: string, error?: Error) => ends.get(name)?.(error),
  };
}

test('two at once: the others start in their order as turns become free', async () => {
  const turns = createTurns(2);
  const { started, work, end } = openWork();
  const results = ['a', 'b', 'c', 'd'].map((name) => turns.take(work(name)));
  expect(started).toEqual(['a', 'b']);

  end('b');
  expect(await results[1]).toBe('b');
  expect(started).toEqual(['a', 'b', 'c']);

  end('a');
  end('c');
  await Promise.all([results[0], results[2]]);
  end('d');
  expect(await results[3]).toBe('d');
});

test('work that fails gives its turn back', async () => {
  const turns = createTurns(1);
  const { work, end } = openWork();
  const failing = turns.take(work('a'));
  const next = turns.take(work('b'));
  end('a', new Error('broken'));

  await expect(failing).rejects.toThrow('broken');
  end('b');
  expect(await next).toBe('b');
});

test('a turn that is free again is given to the work that comes later', async () => {
  const turns = createTurns(1);
  await turns.take(async () => 'first');

  expect(await turns.take(async () => 'second')).toBe('second');
});
