import { setTimeout as delay } from 'node:timers/promises';
import type { Step } from '../records/memory-records.ts';
import { exploreInterleavings, type Limits } from './interleavings.ts';
import type { Actor, World } from './world-run.ts';

/** What an actor does with its calls. */
type Run = (call: (label: string) => Promise<string>) => Promise<unknown>;

/**
 * What happened, in its order; what the actors saw decides, beside that, whether two states are the
 * same.
 */
class LogWorld implements World {
  log: string[] = [];
  readonly actors: readonly Actor[];

  constructor(runs: readonly Run[], { mayCrash = false, keepsOrder = true, isOneProcess = false } = {}) {
    this.actors = runs.map((run, index) => ({
      name: `actor${index}`,
      ready: () => true,
      run: (step: Step) => run((label) => step(label, () => this.#note(label, keepsOrder))),
      mayCrash,
      ...(isOneProcess && { process: 'all' }),
    }));
  }

  snapshot(): readonly unknown[] {
    return this.log;
  }

  #note(label: string, keepsOrder: boolean): string {
    this.log = keepsOrder ? [...this.log, label] : [...this.log, label].sort();
    return label.toUpperCase();
  }
}

/** Every order of what happened that some interleaving ends with. */
async function ends(
  runs: readonly Run[],
  options: { mayCrash?: boolean; keepsOrder?: boolean; isOneProcess?: boolean } & Limits = {},
) {
  const found = new Set<string>();
  const { states } = await exploreInterleavings(
    () => new LogWorld(runs, options),
    ({ log }) => found.add(log.join(' ')),
    options,
  );
  return { found: [...found].sort(), states };
}

const inTurn =
  (...labels: string[]): Run =>
  async (call) => {
    for (const label of labels) await call(label);
  };

const together =
  (...labels: string[]): Run =>
  (call) =>
    Promise.all(labels.map(call));

describe('calls', () => {
  test('of two actors happen in every order that keeps each one’s own', async () => {
    const { found } = await ends([inTurn('a', 'b'), inTurn('x', 'y')]);

    expect(found).toEqual(['a b x y', 'a x b y', 'a x y b', 'x a b y', 'x a y b', 'x y a b']);
  });

  test('made together happen in either order, and what waits for all of them comes after', async () => {
    const { found } = await ends([async (call) => [await together('a', 'b')(call), await call('c')]]);

    expect(found).toEqual(['a b c', 'b a c']);
  });

  test('made together meet another actor’s between them', async () => {
    const { found } = await ends([together('a', 'b'), inTurn('x')]);

    expect(found).toEqual(['a b x', 'a x b', 'b a x', 'b x a', 'x a b', 'x b a']);
  });

  test('of two chains side by side happen in every order that keeps the chains’ own', async () => {
    const { found } = await ends([(call) => Promise.all([inTurn('a', 'b')(call), inTurn('x', 'y')(call)])]);

    expect(found).toEqual(['a b x y', 'a x b y', 'a x y b', 'x a b y', 'x a y b', 'x y a b']);
  });

  test('of a race lead each way that it can end', async () => {
    const race: Run = async (call) => call(`after ${await Promise.race([call('a'), call('b')])}`);
    const { found } = await ends([race], { keepsOrder: false });

    expect(found).toEqual(['a after A b', 'a after B b']);
  });

  test('made together lead each way where it counts which of them came last', async () => {
    const inOrder: Run = async (call) => {
      const came: string[] = [];
      await Promise.all(['a', 'b'].map(async (label) => came.push(await call(label))));
      await call(`after ${came.join('')}`);
    };
    const { found } = await ends([inOrder], { keepsOrder: false });

    expect(found).toEqual(['a after AB b', 'a after BA b']);
  });

  test('that an actor no longer waits for happen all the same', async () => {
    const leave: Run = async (call) => {
      void call('late');
      await call('a');
    };
    const { found } = await ends([leave, inTurn('x')]);

    expect(found).toContain('a x late');
  });
});

test('after calls made together it is the same which of them came first', async () => {
  const runs: Run[] = [async (call) => [await together('a', 'b', 'c')(call), await inTurn('d', 'e')(call)]];
  const { states } = await ends(runs, { keepsOrder: false });

  // Every subset of three calls, and two steps more: nothing is followed twice.
  expect(states).toBe(2 ** 3 + 2);
});

test('of chains side by side most orders lead to one state', async () => {
  const runs: Run[] = [(call) => Promise.all([inTurn('a', 'b')(call), inTurn('x', 'y')(call)])];
  const { states } = await ends(runs, { keepsOrder: false });

  // Told apart by their order they would be 19. By how far each chain has come they are 9; where
  // one chain is over, the other's next call may be because of both, so those count by themselves.
  expect(states).toBe(13);
});

test('a call whose effect nobody sees happens first, or its actor crashes before it', async () => {
  const createWorld = () =>
    Object.assign(new LogWorld([inTurn('quiet', 'b'), inTurn('x')], { mayCrash: true }), { unseen: ['quiet'] });
  const found = new Set<string>();
  await exploreInterleavings(createWorld, ({ log }) => found.add(log.join(' ')));

  expect([...found].filter((log) => log.split(' ').length === 3).sort()).toEqual(['quiet b x', 'quiet x b']);
  expect([...found].every((log) => log.startsWith('quiet'))).toBe(true);
  expect([...found]).toContain('quiet quiet b x');
});

test('a crash leaves any of the calls under way undone, and the actor begins again', async () => {
  const { found } = await ends([together('a', 'b')], { mayCrash: true, keepsOrder: false });

  expect(found).toEqual(['a a b', 'a b', 'a b b']);
});

describe('actors of one process', () => {
  const runs = [inTurn('a'), inTurn('x')];

  test('crash together and begin again together, once in a run', async () => {
    const { found } = await ends(runs, { mayCrash: true, isOneProcess: true });

    expect(found).toEqual(['a a x', 'a x', 'a x a', 'x a', 'x a x', 'x x a']);
  });

  test('crash alone when each has its own', async () => {
    const { found } = await ends(runs, { mayCrash: true });

    expect(found).toEqual(['a x', 'x a']);
  });

  test('do not interrupt each other', async () => {
    const { found } = await ends([inTurn('a', 'b'), inTurn('x', 'y')], { isOneProcess: true, maxInterruptions: 0 });

    expect(found).toEqual(['a b x y', 'a x b y', 'a x y b', 'x a b y', 'x a y b', 'x y a b']);
  });

  test('are left and interrupted as one', async () => {
    const world = () => {
      const all = new LogWorld([inTurn('a'), inTurn('x'), inTurn('other')], { isOneProcess: true });
      const { process: _, ...alone } = all.actors[2] as Actor;
      return Object.assign(all, { actors: [...all.actors.slice(0, 2), alone] });
    };
    const found = new Set<string>();
    await exploreInterleavings(world, ({ log }) => found.add(log.join(' ')), { maxInterruptions: 0 });

    expect([...found].sort()).toEqual(['a x other', 'other a x', 'other x a', 'x a other']);
  });
});

test('with no interruption left each actor runs to its end', async () => {
  const { found } = await ends([together('a', 'b'), inTurn('x')], { maxInterruptions: 0 });

  expect(found).toEqual(['a b x', 'b a x', 'x a b', 'x b a']);
});

test('one interruption leaves an actor once', async () => {
  const { found } = await ends([inTurn('a', 'b', 'c'), inTurn('x', 'y')], { maxInterruptions: 1 });

  expect(found).toContain('a x y b c');
  expect(found).not.toContain('a x b y c');
});

test('an actor that waits for anything but its calls is named, not waited for', async () => {
  await expect(ends([() => delay(60_000, undefined, { ref: false })])).rejects.toThrow(
    'actor actor0 waits for something that is no call of its own',
  );
});

describe('a call runs once for all states that agree in the world and in where its actor is', () => {
  test('and many interleavings need few runs', async () => {
    const runs = Array.from({ length: 4 }, () => inTurn('a', 'b', 'c'));
    let calls = 0;
    const counted = runs.map(
      (run): Run =>
        (call) =>
          run((label) => call(label).finally(() => (calls += 1))),
    );
    const { states } = await exploreInterleavings(
      () => Object.assign(new LogWorld(counted), { snapshot: () => [] }),
      () => {},
    );

    // Each actor has done none to three of its calls.
    expect(states).toBe(4 ** 4);
    // There are twelve calls to know, and a way of at most twelve leads to each.
    expect(calls).toBeLessThanOrEqual(12 * 12);
  });

  test('so a world that leaves something out of its snapshot is found out', async () => {
    const createWorld = () => {
      let isOpen = false;
      const world = new LogWorld([]);
      const note = (label: string) => {
        world.log = [...world.log, label];
      };
      const looking: Actor = {
        name: 'looking',
        ready: () => true,
        run: async (step) => {
          await step('look', () => note('look'));
          await step('enter', () => {
            note('enter');
            return isOpen;
          });
        },
        mayCrash: false,
      };
      const opening: Actor = {
        name: 'opening',
        ready: () => true,
        run: async (step) => {
          await step('open', () => {
            isOpen = true;
          });
          await step('leave', () => note('leave'));
        },
        mayCrash: false,
      };
      return Object.assign(world, { actors: [looking, opening] });
    };

    await expect(exploreInterleavings(createWorld, () => {})).rejects.toThrow('the same calls led elsewhere: ');
  });

  test('and an actor that goes on at the call of another is named', async () => {
    let wake = () => {};
    const sleeping: Run = async (call) => {
      await Promise.all([call('a'), new Promise<void>((resolve) => (wake = resolve)).then(() => call('b'))]);
    };
    const waking: Run = async (call) => {
      await call('x');
      wake();
    };

    await expect(ends([sleeping, waking])).rejects.toThrow('actor actor0 went on at a call that is not its own');
  });

  test('what an actor is given when it begins counts to where it is', async () => {
    const createWorld = () => {
      const world = new LogWorld([inTurn('a'), inTurn('b')], { keepsOrder: false });
      const late: Actor = {
        name: 'late',
        ready: () => world.log.length > 0,
        given: () => world.log,
        run: (step) => {
          const { log } = world;
          return step(`after ${log}`, () => {
            world.log = [...world.log, `late after ${log}`].sort();
          });
        },
        mayCrash: false,
      };
      return Object.assign(world, { actors: [...world.actors, late] });
    };
    const found = new Set<string>();
    await exploreInterleavings(createWorld, ({ log }) => found.add(log.join(', ')));

    expect([...found].sort()).toEqual(['a, b, late after a', 'a, b, late after b']);
  });
});

test('a fault of an actor comes with the schedule that led to it', async () => {
  const failing: Run = async (call) => {
    await together('a', 'b')(call);
    throw new TypeError('both done');
  };

  await expect(ends([failing])).rejects.toMatchObject({
    message: expect.stringMatching(/^actor0:[ab] actor0$/),
    cause: expect.objectContaining({ message: 'both done' }),
  });
});
