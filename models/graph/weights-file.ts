import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { WEIGHTS_FILE } from '../../classifier/manifest.ts';

/**
 * Element types in weights.bin, each with the array that holds it in memory; float16 is held as
 * bits.
 */
export type WeightType = 'float32' | 'float16' | 'int8' | 'uint8' | 'int32';
export type WeightArray = Float32Array | Uint16Array | Int8Array | Uint8Array | Int32Array;

/** A tensor in weights.bin, row-major and little-endian. */
export interface StoredTensor {
  readonly name: string;
  readonly type: WeightType;
  readonly shape: readonly number[];
  /** Position from the start of weights.bin, in bytes; a multiple of 64. */
  readonly offset: number;
  readonly bytes: number;
}

/** Size and SHA-256 of a finished file, as the manifest lists them. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The size of a cache line and of the widest vector of AVX-512: the kernels read the mapped file
 * directly.
 */
const ALIGNMENT_BYTES = 64;

/**
 * Writes weights.bin tensor by tensor. The checksum is computed while writing, so nothing is read
 * again.
 */
export class WeightsFile {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #tensors: StoredTensor[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates weights.bin in the folder. */
  static async create(folder: string): Promise<WeightsFile> {
    return new WeightsFile(await open(join(folder, WEIGHTS_FILE), 'wx'));
  }

  get tensors(): readonly StoredTensor[] {
    return this.#tensors;
  }

  /**
   * Appends a tensor at the next aligned position. Do not change its values afterwards: they are
   * written while the next tensor is read and folded.
   */
  async append(name: string, shape: readonly number[], values: WeightArray): Promise<StoredTensor> {
    const gap = (ALIGNMENT_BYTES - (this.#bytes % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
    if (gap > 0) await this.#write(new Uint8Array(gap));
    const tensor = { name, type: typeOf(values), shape, offset: this.#bytes, bytes: values.byteLength };
    this.#tensors.push(tensor);
    await this.#write(bytesOf(values));
    return tensor;
  }

  /** Waits until everything is written. writePackage makes sure that it reaches the disk. */
  async finish(): Promise<FileFacts> {
    await this.#writing;
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Closes the file, also after an error, when a write may still be in progress. */
  async close(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#file.close();
  }

  /** Starts to write the bytes. It first waits for the previous write, but not for this one. */
  async #write(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    this.#bytes += bytes.length;
    this.#writing = writeAll(this.#file, bytes);
    // The next call that waits for this write gets its error.
    this.#writing.catch(() => {});
    this.#hash.update(bytes);
  }
}

/** Returns the bytes in memory order, without a copy. */
export function bytesOf({ buffer, byteOffset, byteLength }: WeightArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function typeOf(values: WeightArray): WeightType {
  if (values instanceof Float32Array) return 'float32';
  if (values instanceof Uint16Array) return 'float16';
  if (values instanceof Int8Array) return 'int8';
  return values instanceof Uint8Array ? 'uint8' : 'int32';
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
