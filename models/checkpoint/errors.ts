import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A checkpoint cannot be used; thrown as one of the subclasses. The message names the file. */
export abstract class CheckpointError extends AutoSwiftNetError {}

/** There is no such file, or it cannot be opened: a folder, missing rights. */
export class CheckpointNotFoundError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'checkpoint-not-found', status: 422, cause });
  }
}

/** The leading bytes are those of no checkpoint format: an HTML error page, say. */
export class UnknownCheckpointError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unknown-checkpoint-format', status: 422, cause });
  }
}

/** The file ends early, or its headers contradict its size or each other. */
export class DamagedCheckpointError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'damaged-checkpoint', status: 422, cause });
  }
}

/**
 * A checkpoint of a kind that is not read here: TorchScript, the tar format of 2016, big-endian,
 * compressed entries, no state dict in it.
 */
export class UnsupportedCheckpointError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsupported-checkpoint', status: 422, cause });
  }
}

/**
 * The pickle asks for something outside the allow-list. Nothing was executed: the reader cannot
 * execute.
 */
export class UnsafeCheckpointError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsafe-checkpoint', status: 422, cause });
  }
}

/** The tensors are not those of a ResNet or ResNeXt as torchvision defines it. */
export class UnsupportedNetworkError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsupported-network', status: 422, cause });
  }
}

/** Weights that no network can have: NaN, infinities, a negative variance. */
export class InvalidWeightsError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-weights', status: 422, cause });
  }
}
