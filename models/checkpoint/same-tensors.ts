import type { CheckpointFile } from './checkpoint-file.ts';
import { readTensor, type StoredTensor } from './read-tensor.ts';
import { countElements } from './tensor-layout.ts';

/**
 * How often the whole file may be read for comparing. Each of 16 networks in a file is usually
 * compared with one other; a hostile file may have a thousand tensors that share one storage.
 */
const MAX_READINGS_OF_FILE = 4;

/** Compares the weights of networks in one file. */
export class SameTensors {
  readonly #file: CheckpointFile;
  #elementsLeft: number;

  constructor(file: CheckpointFile) {
    this.#file = file;
    this.#elementsLeft = MAX_READINGS_OF_FILE * file.size;
  }

  /**
   * Tells whether two networks have the same tensors with the same elements, counters apart. After
   * too much reading it answers no.
   */
  async compare(one: ReadonlyMap<string, StoredTensor>, other: ReadonlyMap<string, StoredTensor>): Promise<boolean> {
    const [weights, others] = [weightsOf(one), weightsOf(other)];
    if (weights.length !== others.length) return false;
    for (const tensor of weights) {
      const twin = other.get(tensor.name);
      if (twin === undefined || !(await this.#isSame(tensor, twin))) return false;
    }
    return true;
  }

  async #isSame(one: StoredTensor, other: StoredTensor): Promise<boolean> {
    if (one.dtype !== other.dtype || !isSameList(one.layout.shape, other.layout.shape)) return false;
    if (one.position === other.position && isSamePlace(one, other)) return true;
    const elements = countElements(one.layout.shape);
    this.#elementsLeft -= elements;
    if (this.#elementsLeft < 0) return false;
    const [left, right] = [await readTensor(this.#file, one), await readTensor(this.#file, other)];
    return Buffer.compare(bytesOf(left), bytesOf(right)) === 0;
  }
}

function weightsOf(tensors: ReadonlyMap<string, StoredTensor>): StoredTensor[] {
  return [...tensors.values()].filter(({ dtype }) => dtype.includes('float'));
}

function isSamePlace({ layout: one }: StoredTensor, { layout: other }: StoredTensor): boolean {
  return one.offset === other.offset && isSameList(one.strides, other.strides);
}

function isSameList(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
