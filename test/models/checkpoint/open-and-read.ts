import { type CheckpointOptions, openCheckpoint } from '../../../models/checkpoint/read.ts';
import { product } from './tensor-nodes.ts';

/**
 * Opens a checkpoint and reads all of its tensors.
 * @throws {CheckpointError}
 * @throws an Error when a tensor has not as many elements as its shape says
 */
export async function openAndRead(path: string, options: CheckpointOptions = {}): Promise<void> {
  const checkpoint = await openCheckpoint(path, options);
  try {
    for (const tensor of checkpoint.tensors.values()) {
      const elements = await tensor.read();
      if (elements.length !== product(tensor.shape)) throw new Error(`${tensor.name}: ${elements.length} elements`);
    }
  } finally {
    await checkpoint.close();
  }
}
