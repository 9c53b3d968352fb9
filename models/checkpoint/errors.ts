import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * A checkpoint cannot be used. Always thrown as one of the subclasses; the message names the file.
 */
export abstract class CheckpointError extends AutoSwiftNetError {}

/**
 * The checkpoint file does not exist or cannot be opened: it is a folder, or permissions are
 * missing.
 */
export class CheckpointNotFoundError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'checkpoint-not-found', status: 422, cause });
  }
}

/** The leading bytes are not those of any checkpoint format; the file may be an HTML error page. */
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
 * A checkpoint of a kind that is not supported: TorchScript, the tar format of 2016, big-endian
 * data, compressed entries, or a file without a state dict.
 */
export class UnsupportedCheckpointError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsupported-checkpoint', status: 422, cause });
  }
}

/** The checkpoint has several networks that differ, and an option must say which one is meant. */
export class AmbiguousCheckpointError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'ambiguous-checkpoint', status: 422, cause });
  }
}

/**
 * The pickle refers to something outside the allow-list. Nothing was executed: the reader cannot
 * execute anything.
 */
export class UnsafeCheckpointError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsafe-checkpoint', status: 422, cause });
  }
}

/** The tensors are not those of a ResNet or ResNeXt as torchvision defines them. */
export class UnsupportedNetworkError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsupported-network', status: 422, cause });
  }
}

/** The weights have values that no network can have: NaN, an infinity, or a negative variance. */
export class InvalidWeightsError extends CheckpointError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-weights', status: 422, cause });
  }
}
