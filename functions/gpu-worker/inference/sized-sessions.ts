import type { ModelSession } from '../../../classifier/session.ts';
import { warmUp } from './warm-up.ts';

export interface SizedSessions {
  /** Runs `count` images in the session of that size. It takes no other counts. */
  readonly session: ModelSession;
  /** The sizes that fit in memory, ascending. */
  readonly sizes: readonly number[];
}

/**
 * Gives each batch size a session of its own. ONNX Runtime's CUDA provider keeps the plans of its
 * convolutions for one shape only, and makes all of them again when a run has another one. On an
 * H200 this took 0.8 s for ResNeXt-101 32x8d, where a run takes 8 ms. The price is memory: each
 * session has its own copy of the weights.
 * @param first an open session, for the smallest size; released when this fails
 * @param sizes ascending
 * @param open opens one more session
 * @param test runs a batch of that size and throws when the result is wrong
 * @throws what `open` and `test` throw, except that the sizes end where the memory does
 */
export async function openSizedSessions(
  first: ModelSession,
  sizes: readonly number[],
  open: () => Promise<ModelSession>,
  test: (session: ModelSession, size: number) => Promise<void>,
): Promise<SizedSessions> {
  const sessions = new Map<number, ModelSession>();
  const release = async () => {
    for (const one of sessions.values()) await one.release();
  };
  let fitting: readonly number[];
  try {
    fitting = await warmUp(sizes, async (size) => {
      const session = sessions.size === 0 ? first : await open();
      sessions.set(size, session);
      await test(session, size);
    });
  } catch (error) {
    await release();
    throw error;
  }
  for (const [size, one] of sessions) {
    if (fitting.includes(size)) continue;
    sessions.delete(size);
    await one.release();
  }
  const sessionOf = (count: number): ModelSession => {
    const found = sessions.get(count);
    if (found === undefined) {
      throw new RangeError(`a batch of ${count} images has no session; there are ones for ${fitting.join(', ')}`);
    }
    return found;
  };
  return {
    sizes: fitting,
    session: {
      graph: first.graph,
      provider: first.provider,
      refusals: first.refusals,
      run: async (pixels, count) => sessionOf(count).run(pixels, count),
      runWithFeatures: async (pixels, count) => sessionOf(count).runWithFeatures(pixels, count),
      release,
    },
  };
}
