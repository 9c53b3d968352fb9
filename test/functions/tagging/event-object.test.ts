import { createMemory, type Memory } from '../../../functions/side-by-side/memory.ts';
import type { Answerer } from '../../../functions/tagging/answerer.ts';
import { tagImage } from '../../../functions/tagging/tag-image.ts';
import { TaggingWorld } from './tagging-world.ts';
import { wordAnswerer } from './word-classifier.ts';

/** More than any object here. */
const PERMITTED = 100;

/** A memory, and how many bytes are held in it. */
function observedMemory(limit = PERMITTED) {
  const memory = createMemory(limit);
  const seen: number[] = [];
  let held = 0;
  const observed: Memory = {
    async hold(bytes) {
      const inner = await memory.hold(bytes);
      let own = bytes;
      const change = (to: number) => {
        held += to - own;
        own = to;
        seen.push(held);
      };
      held += own;
      seen.push(held);
      return {
        resize: (to) => inner.resize(to).then(() => change(to)),
        letGo() {
          inner.letGo();
          change(0);
        },
      };
    },
  };
  return { memory: observed, seen, held: () => held };
}

/** Notes how many bytes are held while an image is classified. */
function noting(held: () => number, notes: number[]): Answerer {
  return {
    ...wordAnswerer,
    classify: async (bytes) => {
      notes.push(held());
      return wordAnswerer.classify(bytes);
    },
  };
}

test('an image holds its bytes while it is classified, and none while its record is written', async () => {
  const world = new TaggingWorld();
  const { memory, held } = observedMemory();
  const [classified, written]: number[][] = [[], []];
  const dependencies = world.dependencies({ memory, answerer: noting(held, classified ?? []) });
  const { records } = dependencies;
  await tagImage(world.upload('cat'), {
    ...dependencies,
    records: {
      ...records,
      write: (entry, condition) => {
        written?.push(held());
        return records.write(entry, condition);
      },
    },
  });

  expect([classified, written, held()]).toEqual([[3], [0], 0]);
});

test('a size that the event does not tell counts as the largest permitted, until the object is open', async () => {
  const world = new TaggingWorld();
  const { memory, seen, held } = observedMemory();
  await tagImage({ ...world.upload('cat'), size: null }, world.dependencies({ memory }));

  expect(seen.slice(0, 2)).toEqual([PERMITTED, 3]);
  expect(held()).toBe(0);
});

test('a size that the event tells wrongly is corrected', async () => {
  const world = new TaggingWorld();
  const { memory, seen } = observedMemory();
  await tagImage({ ...world.upload('cat dog'), size: 1 }, world.dependencies({ memory }));

  expect(seen.slice(0, 2)).toEqual([1, 7]);
});

test('images whose bytes do not fit together are read one after the other', async () => {
  const world = new TaggingWorld();
  const { memory, held } = observedMemory(8);
  const notes: number[] = [];
  const dependencies = world.dependencies({ memory, answerer: noting(held, notes) });
  const event = world.upload('cat dog');
  await Promise.all([event, { ...event, sequencer: '009' }].map((one) => tagImage(one, dependencies)));

  expect(notes).toEqual([7, 7]);
});

test.each(['GetObject', 'read'])('if %s fails, nothing stays held and the other call has ended', async (label) => {
  const world = new TaggingWorld();
  const { memory, held } = observedMemory();
  const upload = world.upload('cat');
  let isDiscarded = false;
  const dependencies = world.dependencies({ memory });
  const { objects } = dependencies;
  world.faults.set(label, new Error('out of order'));
  const failing = tagImage(upload, {
    ...dependencies,
    objects: {
      ...objects,
      open: async (object, ifMatch) => {
        const opened = await objects.open(object, ifMatch);
        if (typeof opened === 'string') return opened;
        await new Promise((resolve) => setImmediate(resolve));
        const discard = () => {
          isDiscarded = true;
        };
        return { ...opened, discard };
      },
    },
  });

  await expect(failing).rejects.toThrow('out of order');
  expect([held(), isDiscarded]).toEqual([0, label === 'read']);
});

test('an event whose work is done lets the object go unread', async () => {
  const world = new TaggingWorld();
  const { memory, held } = observedMemory();
  const event = world.upload('cat');
  await tagImage(event, world.dependencies());
  const notes: number[] = [];
  await tagImage(event, world.dependencies({ memory, answerer: noting(held, notes) }));

  expect([notes, held()]).toEqual([[], 0]);
});

test('an event whose work is done lets the object go while the record is settled', async () => {
  const world = new TaggingWorld();
  const event = world.upload('cat');
  await tagImage(event, world.dependencies());
  world.steps.length = 0;
  const dependencies = world.dependencies();
  const { objects } = dependencies;
  const open: typeof objects.open = async (object, ifMatch) => {
    const opened = await objects.open(object, ifMatch);
    return typeof opened === 'string' ? opened : { ...opened, discard: () => void world.steps.push('discard') };
  };
  await tagImage(event, { ...dependencies, objects: { ...objects, open } });

  expect(world.steps.slice(0, world.steps.indexOf('publish'))).toContain('discard');
});

test('what is refused by the event’s word takes no room', async () => {
  const world = new TaggingWorld();
  const { memory, seen } = observedMemory();
  await tagImage(world.upload('x'.repeat(PERMITTED + 1)), world.dependencies({ memory }));

  expect(new Set(seen)).toEqual(new Set([0]));
});
