/** Element types that a checkpoint's tensors may have; integers occur as counters only. */
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

/** One named tensor, still on disk. */
export interface CheckpointTensor {
  /** Without `module.` prefix, as the network names it: `layer1.0.conv1.weight`. */
  readonly name: string;
  readonly dtype: Dtype;
  /** PyTorch's order: convolutions are [out, in / groups, height, width]; a scalar is []. */
  readonly shape: readonly number[];
  /**
   * Reads the elements in row-major order whatever their strides on disk: float64 stays double,
   * everything else becomes float32. Memory: this tensor, at most twice.
   */
  read(): Promise<Float32Array | Float64Array>;
}

/** A checkpoint file, open: nothing but its tensors' names, types and shapes is in memory. */
export interface Checkpoint {
  readonly path: string;
  readonly format: 'torch-legacy' | 'torch-zip' | 'safetensors';
  /** In the file's order. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  close(): Promise<void>;
}
