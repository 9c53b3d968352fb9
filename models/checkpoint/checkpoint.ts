/** The element types of a checkpoint's tensors. Integers are used only for counters. */
export type Dtype =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'bool';

/** A named tensor that is still on disk. */
export interface CheckpointTensor {
  /** The name as the network has it, without a prefix: `layer1.0.conv1.weight`. */
  readonly name: string;
  readonly dtype: Dtype;
  /**
   * The shape in PyTorch's order: convolutions are [out, in / groups, height, width], a scalar is
   * [].
   */
  readonly shape: readonly number[];
  /**
   * Reads the elements in row-major order, whatever their strides on disk. float64 stays float64,
   * every other type becomes float32. It needs memory for this tensor at most twice.
   */
  read(): Promise<Float32Array | Float64Array>;
}

/** An open checkpoint file. Only the names, types and shapes of its tensors are in memory. */
export interface Checkpoint {
  readonly path: string;
  readonly format: 'torch-legacy' | 'torch-zip' | 'safetensors';
  /**
   * Which part of the file the tensors are, for messages: `under "model", its names without
   * "module."`. Empty or absent when they are all of it.
   */
  readonly part?: string;
  /** The tensors by name, in the file's order. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  close(): Promise<void>;
}
