import { writeFile } from 'node:fs/promises';
import { openCheckpoint } from '../../models/checkpoint/read.ts';
import { zipCheckpoint } from '../models/checkpoint/write-zip.ts';

/** The sample model's checkpoint: 1,000 outputs, trained on 32 classes. */
const SAMPLE_CHECKPOINT = new URL('../../models/sample/sample.pth', import.meta.url).pathname;

/**
 * Writes a checkpoint as somebody's fine-tuned ResNet would be: the sample model's trunk, and a last layer of a few classes only.
 * @param classes which of ImageNet's outputs become the outputs 0, 1, 2 …
 */
export async function writeFineTuned(path: string, classes: readonly number[]): Promise<void> {
  const checkpoint = await openCheckpoint(SAMPLE_CHECKPOINT);
  try {
    const entries = await Promise.all(
      [...checkpoint.tensors.values()].map(async ({ name, shape, read }) => {
        const values = await read();
        const [rows = 1, ...rest] = shape;
        if (!name.startsWith('fc.')) return { name, shape, fill: (into: Float32Array) => into.set(values) };
        const width = values.length / rows;
        const chosen = classes.flatMap((index) => [...values.subarray(index * width, (index + 1) * width)]);
        return { name, shape: [classes.length, ...rest], fill: (into: Float32Array) => into.set(chosen) };
      }),
    );
    await writeFile(path, await zipCheckpoint(entries));
  } finally {
    await checkpoint.close();
  }
}
