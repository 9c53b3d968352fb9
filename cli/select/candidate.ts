import { createHash } from 'node:crypto';

/** Bytes that stand for the content: half of a SHA-256, in which no two images meet by chance. */
export const CONTENT_BYTES = 16;

/** An image that classes may keep. */
export class Candidate {
  readonly #uri: string;
  readonly #sha256: string | null;
  #bytes: Buffer | undefined;

  /** @param sha256 of the image's bytes, in hex; null: the name stands for the content */
  constructor(uri: string, sha256: string | null) {
    this.#uri = uri;
    this.#sha256 = sha256;
  }

  /**
   * What identifies the content, then the name in UTF-8. Most images are not good enough for any
   * class, so this is made when it is first asked for.
   */
  get bytes(): Buffer {
    this.#bytes ??= this.#toBytes();
    return this.#bytes;
  }

  #toBytes(): Buffer {
    const name = Buffer.from(this.#uri);
    const content =
      this.#sha256 === null ? createHash('sha256').update(name).digest() : Buffer.from(this.#sha256, 'hex');
    return Buffer.concat([content.subarray(0, CONTENT_BYTES), name]);
  }
}
