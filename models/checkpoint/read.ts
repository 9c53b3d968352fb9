import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { detectFormat } from './detect-format.ts';
import { UnknownCheckpointError } from './errors.ts';
import { readTensor, type StoredTensor } from './read-tensor.ts';
import { readSafetensors } from './safetensors.ts';
import { withoutParallelPrefix } from './state-dict.ts';
import { readTorchLegacy } from './torch-legacy.ts';
import { readTorchZip } from './torch-zip.ts';

const READERS: Readonly<
  Record<Checkpoint['format'], (file: CheckpointFile) => StoredTensor[] | Promise<StoredTensor[]>>
> = {
  'torch-legacy': readTorchLegacy,
  'torch-zip': readTorchZip,
  safetensors: readSafetensors,
};

/**
 * Opens a checkpoint and reads its headers. Everything is checked except the weights themselves,
 * which `read()` fetches tensor by tensor. The format is detected from the leading bytes, never
 * from the file's name. Close the checkpoint after use.
 * @throws {CheckpointError} as CheckpointNotFoundError, UnknownCheckpointError,
 *   UnsupportedCheckpointError, DamagedCheckpointError or UnsafeCheckpointError
 * @example
 * const checkpoint = await openCheckpoint('resnet18_swsl.pth');
 * checkpoint.tensors.get('conv1.weight')?.shape; // [64, 3, 7, 7]
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const file = await CheckpointFile.open(path);
  try {
    const format = detectFormat(file);
    const stored = await READERS[format](file);
    return { path, format, tensors: tensorsByName(file, stored), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function tensorsByName(file: CheckpointFile, stored: readonly StoredTensor[]): Map<string, CheckpointTensor> {
  if (stored.length === 0) {
    throw new UnknownCheckpointError(
      `checkpoint ${file.path} contains no tensors. Save it with torch.save(model.state_dict(), path).`,
    );
  }
  const byName = new Map(stored.map((tensor) => [tensor.name, tensor]));
  const tensors = [...withoutParallelPrefix(byName)].map(([name, tensor]): [string, CheckpointTensor] => [
    name,
    {
      name,
      dtype: tensor.dtype,
      shape: tensor.layout.shape,
      read: () => readTensor(file, tensor),
    },
  ]);
  return new Map(tensors);
}
