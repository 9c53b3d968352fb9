/** The parts of a worker's work, each alone. */
import { decodeImage } from '../classifier/decode/decode.ts';
import { readManifest } from '../classifier/manifest.ts';
import type { ExecutionProvider } from '../classifier/onnx-runtime.ts';
import { INPUT_ELEMENTS, selfTestImage } from '../classifier/self-test.ts';
import { openSession } from '../classifier/session.ts';

const WARM_UP_RUNS = 3;
const SECONDS = 2;
const PICTURES = 40;

/** The first argument of a process that measures one session. */
export const BARE = '--bare';

export interface BareSession {
  readonly packageDir: string;
  readonly provider: ExecutionProvider;
  readonly batch: number;
}

/** Runs full batches of one session, from pixels in memory to logits in memory. */
export async function measureSession({ packageDir, provider, batch }: BareSession): Promise<object> {
  const start = performance.now();
  const session = await openSession(packageDir, await readManifest(packageDir), { providers: [provider] });
  const openMs = performance.now() - start;
  const pixels = new Uint8Array(batch * INPUT_ELEMENTS);
  for (let index = 0; index < batch; index += 1) pixels.set(selfTestImage(index + 1), index * INPUT_ELEMENTS);
  for (let run = 0; run < WARM_UP_RUNS; run += 1) await session.run(pixels, batch);
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  let images = 0;
  for (; images === 0 || performance.now() - from < SECONDS * 1000; images += batch) await session.run(pixels, batch);
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await session.release();
  return { batch, openMs, imagesPerSecond: images / seconds, processorMs: (user + system) / 1000 / images };
}

/** Decodes a picture again and again, one at a time. */
export async function measureDecoding(bytes: Uint8Array, packageDir: string): Promise<object> {
  const { preprocessing } = await readManifest(packageDir);
  for (let run = 0; run < WARM_UP_RUNS; run += 1) await decodeImage(bytes, preprocessing);
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  for (let run = 0; run < PICTURES; run += 1) await decodeImage(bytes, preprocessing);
  const { user, system } = process.cpuUsage(cpu);
  return {
    bytes: bytes.length,
    milliseconds: (performance.now() - from) / PICTURES,
    processorMs: (user + system) / 1000 / PICTURES,
  };
}
