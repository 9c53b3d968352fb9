import { BoxError } from './box-reader.ts';

/** Reads numbers of any count of bits from the parameters of coded data, one after the other. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /**
   * Reads an unsigned number of at most 32 bits, the highest bit first.
   * @throws {BoxError} at the end
   */
  uint(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1, this.#at += 1) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new BoxError('a parameter set of its coded data ends early');
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  /**
   * Reads an Exp-Golomb number: as many bits follow the first 1 as zeros stood before it.
   * @throws {BoxError} at the end, and above 2^32
   */
  golomb(): number {
    let zeros = 0;
    while (this.uint(1) === 0) zeros += 1;
    if (zeros > 31) throw new BoxError('a parameter set of its coded data holds an impossible number');
    return 2 ** zeros - 1 + this.uint(zeros);
  }
}
