import { type Candidate, CONTENT_BYTES } from './candidate.ts';

/** An image that a class keeps. */
export interface Kept {
  readonly uri: string;
  /** 0 to 1. */
  readonly score: number;
}

/** Places beyond `most`, so that the sorting that makes room again is rare. */
const SPARE_SHARE = 0.125;
const LEAST_SPARE = 16;
/**
 * Most classes never outgrow this, so a thousand of them leave no pieces of memory behind that are
 * too small for anything else. The system gives only the memory that is written to.
 */
const FIRST_CAPACITY = 1_024;
const GROWTH = 2;
/** Content and name, as they are expected. */
const FIRST_BYTES = 80;

/**
 * The `most` images of one class that have the highest scores, in constant memory: 12 bytes, 16
 * bytes for the content and the bytes of the name each, outside of V8's heap. Content that occurs
 * under several names counts once, with its highest score and, of equal scores, the first name.
 *
 * New images are appended. Once there are an eighth more than `most`, they are sorted and the rest
 * is dropped. That gives the same as sorting all of them at the end: content that is dropped has
 * `most` others before it, and they only get better.
 */
export class ClassTop {
  readonly #most: number;
  readonly #limit: number;
  #scores: Float64Array;
  /** Where each image ends in `#bytes`. */
  #ends: Uint32Array;
  /** The content and the name of each image, one after the other. */
  #bytes: Buffer;
  #count = 0;
  /** How many of the images, from the first, are sorted and have different content. */
  #sorted = 0;

  /** @param most K of the paper, at least 1 */
  constructor(most: number) {
    this.#most = most;
    this.#limit = most + Math.max(LEAST_SPARE, Math.ceil(most * SPARE_SHARE));
    const capacity = Math.min(this.#limit, FIRST_CAPACITY);
    this.#scores = new Float64Array(capacity);
    this.#ends = new Uint32Array(capacity);
    this.#bytes = Buffer.alloc(capacity * FIRST_BYTES);
  }

  /** Takes the image if it may be one of the best. */
  offer(score: number, candidate: Candidate): void {
    if (this.#sorted === this.#most && !this.#isBetterThanLast(score, candidate)) return;
    if (this.#count === this.#limit) {
      this.#sort();
      if (this.#sorted === this.#most && !this.#isBetterThanLast(score, candidate)) return;
    }
    const { bytes } = candidate;
    const start = this.#startOf(this.#count);
    this.#reserve(start + bytes.length);
    this.#bytes.set(bytes, start);
    this.#scores[this.#count] = score;
    this.#ends[this.#count] = start + bytes.length;
    this.#count += 1;
  }

  /** Sorts the images and drops what is too many. */
  finish(): void {
    this.#sort();
  }

  /** How many images are kept, after `finish`. */
  get size(): number {
    return this.#count;
  }

  /**
   * Returns the image of a rank, after `finish`.
   * @param rank 1 is the one of the highest score
   */
  at(rank: number): Kept {
    const index = rank - 1;
    const name = this.#bytes.subarray(this.#startOf(index) + CONTENT_BYTES, this.#endOf(index));
    return { uri: name.toString(), score: this.#scoreOf(index) };
  }

  #isBetterThanLast(score: number, candidate: Candidate): boolean {
    const last = this.#most - 1;
    const lastScore = this.#scoreOf(last);
    if (score !== lastScore) return score > lastScore;
    return candidate.bytes.compare(this.#bytes, this.#nameStart(last), this.#endOf(last), CONTENT_BYTES) < 0;
  }

  #sort(): void {
    const order = Uint32Array.from({ length: this.#count }, (_, index) => index);
    order.sort((one, other) => this.#scoreOf(other) - this.#scoreOf(one) || this.#compareNames(one, other));
    const contents = new Set<string>();
    const kept = order.filter((index) => {
      if (contents.size === this.#most) return false;
      const start = this.#startOf(index);
      const content = this.#bytes.toString('latin1', start, start + CONTENT_BYTES);
      if (contents.has(content)) return false;
      contents.add(content);
      return true;
    });
    this.#keep(kept);
  }

  #keep(kept: Uint32Array): void {
    const scores = Float64Array.from(kept, (index) => this.#scoreOf(index));
    const old = scratch(this.#bytes.subarray(0, this.#startOf(this.#count)));
    const ends = this.#ends.slice(0, this.#count);
    let end = 0;
    for (const [rank, index] of kept.entries()) {
      end += old.copy(this.#bytes, end, index === 0 ? 0 : ends[index - 1], ends[index]);
      this.#ends[rank] = end;
    }
    this.#scores.set(scores);
    this.#count = kept.length;
    this.#sorted = kept.length;
  }

  #reserve(bytes: number): void {
    if (this.#count === this.#scores.length) {
      const capacity = Math.min(this.#limit, Math.ceil(this.#count * GROWTH));
      const [scores, ends] = [new Float64Array(capacity), new Uint32Array(capacity)];
      scores.set(this.#scores);
      ends.set(this.#ends);
      this.#scores = scores;
      this.#ends = ends;
    }
    if (bytes > this.#bytes.length) {
      const grown = Buffer.alloc(Math.ceil(bytes * GROWTH));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
  }

  #compareNames(one: number, other: number): number {
    return this.#bytes.compare(
      this.#bytes,
      this.#nameStart(other),
      this.#endOf(other),
      this.#nameStart(one),
      this.#endOf(one),
    );
  }

  #nameStart(index: number): number {
    return this.#startOf(index) + CONTENT_BYTES;
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#endOf(index - 1);
  }

  #endOf(index: number): number {
    return this.#ends[index] ?? 0;
  }

  #scoreOf(index: number): number {
    return this.#scores[index] ?? 0;
  }
}

/** Memory that all classes use in turn, so that a thousand of them leave no garbage. */
let shared = Buffer.alloc(0);

/** Copies bytes to a place from which they are read before the next call. */
function scratch(bytes: Buffer): Buffer {
  if (bytes.length > shared.length) shared = Buffer.alloc(Math.ceil(bytes.length * GROWTH));
  bytes.copy(shared);
  return shared;
}
