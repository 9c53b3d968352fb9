import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { type ChosenNetwork, chooseNetwork, type NetworkChoice } from './choose-network.ts';
import { withClassifier } from './classifier-head.ts';
import { detectFormat } from './detect-format.ts';
import { UnknownCheckpointError } from './errors.ts';
import { readTensor } from './read-tensor.ts';
import { readSafetensors } from './safetensors.ts';
import { flatObject, type SavedObject } from './saved-object.ts';
import { readTorchLegacy } from './torch-legacy.ts';
import { readTorchZip } from './torch-zip.ts';
import { UnknownNames } from './unknown-names.ts';

/** How to read a checkpoint that has more than one state dict alone. */
export interface CheckpointOptions extends NetworkChoice {
  /**
   * Whether to leave out what needs names that are not on the list of allowed names. Default false:
   * such a checkpoint is refused.
   */
  readonly skipObjects?: boolean | undefined;
  /** Receives what was left out or added. Default: nobody is told. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

type Reader = (file: CheckpointFile, leftOut: UnknownNames | undefined) => SavedObject | Promise<SavedObject>;

const READERS: Readonly<Record<Checkpoint['format'], Reader>> = {
  'torch-legacy': readTorchLegacy,
  'torch-zip': readTorchZip,
  safetensors: (file) => flatObject(readSafetensors(file)),
};

/**
 * Opens a checkpoint and reads its headers. Everything is checked except the weights themselves,
 * which `read()` fetches tensor by tensor. The format is detected from the leading bytes, never
 * from the file's name. Close the checkpoint after use.
 * @throws {CheckpointError} as CheckpointNotFoundError, UnknownCheckpointError,
 *   UnsupportedCheckpointError, AmbiguousCheckpointError, DamagedCheckpointError or
 *   UnsafeCheckpointError
 * @example
 * const checkpoint = await openCheckpoint('resnet18_swsl.pth');
 * checkpoint.tensors.get('conv1.weight')?.shape; // [64, 3, 7, 7]
 */
export async function openCheckpoint(path: string, options: CheckpointOptions = {}): Promise<Checkpoint> {
  const { onWarning = () => {} } = options;
  const file = await CheckpointFile.open(path);
  try {
    const format = detectFormat(file);
    const leftOut = options.skipObjects ? new UnknownNames() : undefined;
    const saved = await READERS[format](file, leftOut);
    requireTensors(saved, format, file);
    const network = await chooseNetwork(saved, options, file, onWarning);
    if (leftOut !== undefined && leftOut.size > 0)
      onWarning(`left out of ${path} is what needs ${leftOut.describe()}; nothing was executed`);
    const tensors = withClassifier(tensorsOf(file, network), path, onWarning);
    return { path, format, part: network.part, tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function requireTensors({ positions }: SavedObject, format: Checkpoint['format'], file: CheckpointFile): void {
  if (format !== 'safetensors' || positions.size > 0) return;
  throw new UnknownCheckpointError(
    `checkpoint ${file.path} contains no tensors. Save it with torch.save(model.state_dict(), path).`,
  );
}

function tensorsOf(file: CheckpointFile, { tensors }: ChosenNetwork): Map<string, CheckpointTensor> {
  return new Map(
    [...tensors].map(([name, tensor]): [string, CheckpointTensor] => [
      name,
      {
        name,
        dtype: tensor.dtype,
        shape: tensor.layout.shape,
        read: () => readTensor(file, tensor),
      },
    ]),
  );
}
