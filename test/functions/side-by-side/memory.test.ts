import { createMemory, type HeldBytes, UNLIMITED } from '../../../functions/side-by-side/memory.ts';

/** Holds bytes of one memory by name, and tells who has got them. */
function holders(limit: number) {
  const memory = createMemory(limit);
  const held = new Map<string, HeldBytes>();
  return {
    hold(name: string, bytes: number): void {
      void memory.hold(bytes).then((one) => held.set(name, one));
    },
    resize(name: string, bytes: number): void {
      void held.get(name)?.resize(bytes);
    },
    letGo(name: string): void {
      held.get(name)?.letGo();
      held.delete(name);
    },
    async names(): Promise<string[]> {
      await everythingElse();
      return [...held.keys()];
    },
  };
}

test('as many are held as fit, to the byte', async () => {
  const { hold, letGo, names } = holders(10);
  hold('a', 6);
  hold('b', 4);
  hold('c', 1);
  expect(await names()).toEqual(['a', 'b']);

  letGo('b');
  expect(await names()).toEqual(['a', 'c']);
});

test('what is larger than the limit waits until nothing else is held, and then is alone', async () => {
  const { hold, letGo, names } = holders(10);
  hold('a', 1);
  hold('large', 11);
  expect(await names()).toEqual(['a']);

  letGo('a');
  hold('b', 1);
  expect(await names()).toEqual(['large']);

  letGo('large');
  expect(await names()).toEqual(['b']);
});

test('small ones do not overtake a large one that waits', async () => {
  const { hold, letGo, names } = holders(10);
  hold('a', 5);
  hold('large', 9);
  for (const small of ['b', 'c', 'd']) hold(small, 1);
  expect(await names()).toEqual(['a']);

  letGo('a');
  expect(await names()).toEqual(['large', 'b']);
});

test('letting go twice frees once', async () => {
  const memory = createMemory(10);
  const [first] = [await memory.hold(6), await memory.hold(4)];
  first.letGo();
  first.letGo();
  const waiting = memory.hold(7).then(() => 'held');

  expect(await Promise.race([waiting, everythingElse()])).toBe('everything else is done');
});

test('what turns out smaller makes room for others', async () => {
  const { hold, resize, names } = holders(10);
  hold('a', 10);
  hold('b', 8);
  expect(await names()).toEqual(['a']);

  resize('a', 2);
  expect(await names()).toEqual(['a', 'b']);
});

test('what turns out larger waits its turn again, and holds nothing meanwhile', async () => {
  const memory = createMemory(10);
  const growing = await memory.hold(2);
  const other = await memory.hold(8);
  const grown = growing.resize(5).then(() => 'grown');
  expect(await Promise.race([grown, everythingElse()])).toBe('everything else is done');

  other.letGo();
  expect(await grown).toBe('grown');
  // Five are held; so five more fit, and not six.
  const rest = await memory.hold(5);
  rest.letGo();
  expect(await Promise.race([memory.hold(6), everythingElse()])).toBe('everything else is done');
});

test('without a limit nothing waits', async () => {
  const held = await Promise.all([UNLIMITED.hold(1e12), UNLIMITED.hold(1e12)]);
  await held[0]?.resize(2e12);
  held[0]?.letGo();

  expect(held).toHaveLength(2);
});

/** Resolves once everything that can go on has done so. */
function everythingElse(): Promise<string> {
  return new Promise((resolve) => {
    setImmediate(() => resolve('everything else is done'));
  });
}
