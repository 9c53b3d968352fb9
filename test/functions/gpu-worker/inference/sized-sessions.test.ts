import type { ModelSession } from '../../../../classifier/session.ts';
import { openSizedSessions } from '../../../../functions/gpu-worker/inference/sized-sessions.ts';

interface Opened {
  readonly session: ModelSession;
  /** The counts that it was run with. */
  readonly runs: number[];
  released: boolean;
}

/** Sessions of a device that runs out of memory, or computes wrongly, from a batch size on. */
function device({ memoryUpTo = Number.POSITIVE_INFINITY, rightUpTo = Number.POSITIVE_INFINITY } = {}) {
  const all: Opened[] = [];
  const open = async (): Promise<ModelSession> => {
    const runs: number[] = [];
    const run = async (_pixels: Uint8Array, count: number) => {
      runs.push(count);
      if (count > memoryUpTo) throw new Error('Failed to allocate memory for requested buffer of size 822083584');
      return new Float32Array([count]);
    };
    const session: ModelSession = {
      graph: 'model.cuda.onnx',
      provider: 'cuda',
      refusals: [],
      run,
      runWithFeatures: async (pixels, count) => ({ logits: await run(pixels, count), features: new Float32Array(1) }),
      release: async () => {
        one.released = true;
      },
    };
    const one: Opened = { session, runs, released: false };
    all.push(one);
    return session;
  };
  const test = async (session: ModelSession, size: number) => {
    await session.run(new Uint8Array(1), size);
    if (size > rightUpTo) throw new Error('failed its self-test');
  };
  return { all, open, test, sized: async (sizes: number[]) => openSizedSessions(await open(), sizes, open, test) };
}

test('each size has a session that never sees another one', async () => {
  const { all, sized } = device();
  const { session, sizes } = await sized([1, 8, 32]);
  for (const count of [32, 1, 32, 8, 1]) await session.run(new Uint8Array(1), count);
  await session.runWithFeatures(new Uint8Array(1), 8);

  expect(sizes).toEqual([1, 8, 32]);
  expect(all.map(({ runs }) => runs)).toEqual([
    [1, 1, 1],
    [8, 8, 8],
    [32, 32, 32],
  ]);
  expect(session).toMatchObject({ graph: 'model.cuda.onnx', provider: 'cuda' });
});

test('the sizes end where the memory does, and what does not fit is let go', async () => {
  const { all, sized } = device({ memoryUpTo: 8 });

  expect((await sized([1, 8, 64, 256])).sizes).toEqual([1, 8]);
  expect(all.map(({ released }) => released)).toEqual([false, false, true]);
});

test('a size that is computed wrongly lets all sessions go', async () => {
  const { all, sized } = device({ rightUpTo: 1 });

  await expect(sized([1, 8, 32])).rejects.toThrow('failed its self-test');
  expect(all.map(({ released }) => released)).toEqual([true, true]);
});

test('release lets all sessions go', async () => {
  const { all, sized } = device();
  await (await sized([1, 8])).session.release();

  expect(all.map(({ released }) => released)).toEqual([true, true]);
});

test('a count without a session is an error that names the sizes', async () => {
  const { sized } = device();
  const { session } = await sized([1, 8]);

  await expect(session.run(new Uint8Array(1), 5)).rejects.toThrow(
    'a batch of 5 images has no session; there are ones for 1, 8',
  );
});
