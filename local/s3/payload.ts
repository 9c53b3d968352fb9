import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import { CHECKSUM_BYTES, createDigest, isBase64Of } from './digests.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** What is known of bytes that have all arrived and match what the client declared. */
export interface PayloadFacts {
  readonly size: number;
  /** MD5, hexadecimal. */
  readonly md5: string;
  /** Base64 values by header name. */
  readonly checksums: Record<string, string>;
}

/** S3's limit for one PUT or one part. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const STREAMING = 'STREAMING-';

/**
 * The bytes of an object in a request's body, without their framing, with length, MD5 and checksums
 * verified. `bytes()` throws at its end if they differ from what the headers (or trailers) say.
 * Code that stores them must then delete them.
 */
export class Payload {
  readonly #request: S3Request;
  readonly #isFramed: boolean;
  /** Number of bytes, without framing. */
  readonly declaredSize: number;
  readonly #contentSha256: string | undefined;
  readonly #expected: Map<string, string>;
  readonly #announced: string | undefined;
  #facts: PayloadFacts | undefined;

  /** @throws S3Error for invalid headers, before any byte is read */
  constructor(request: S3Request) {
    const { headers } = request;
    const sha256 = headers.get('x-amz-content-sha256');
    this.#request = request;
    this.#isFramed = (sha256 ?? '').startsWith(STREAMING) || hasAwsChunked(headers.get('content-encoding'));
    this.#contentSha256 = SHA256_HEX.test(sha256 ?? '') ? sha256 : undefined;
    this.declaredSize = readSize(headers.get(this.#isFramed ? 'x-amz-decoded-content-length' : 'content-length'));
    this.#expected = readExpected(headers);
    this.#announced = readAnnounced(headers.get('x-amz-trailer'));
    if (sha256 !== undefined && !this.#isFramed && this.#contentSha256 === undefined && sha256 !== 'UNSIGNED-PAYLOAD') {
      throw new S3Error(
        'InvalidArgument',
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256 in hexadecimal.',
      );
    }
  }

  /**
   * @throws S3Error IncompleteBody, BadDigest, XAmzContentSHA256Mismatch, MalformedTrailerError,
   * InvalidRequest (framing)
   */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const md5 = createHash('md5');
    const sha256 = this.#contentSha256 === undefined ? undefined : createHash('sha256');
    const names = new Set([...this.#expected.keys(), ...(this.#announced === undefined ? [] : [this.#announced])]);
    const digests = [...names].map((name) => ({ name, digest: createDigest(name) }));
    let size = 0;
    for await (const chunk of this.#unframed()) {
      size += chunk.byteLength;
      if (size > this.declaredSize) break;
      md5.update(chunk);
      sha256?.update(chunk);
      for (const { digest } of digests) digest?.update(chunk);
      yield chunk;
    }
    if (size !== this.declaredSize) {
      throw new S3Error(
        'IncompleteBody',
        `The body does not have the ${this.declaredSize} bytes that its headers declare.`,
      );
    }
    if (sha256 !== undefined && sha256.digest('hex') !== this.#contentSha256) {
      throw new S3Error(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
    const md5Bytes = md5.digest();
    this.#checkMd5(md5Bytes);
    const checksums: Record<string, string> = {};
    for (const { name, digest } of digests)
      checksums[name] = this.#checkChecksum(name, digest?.digest().toString('base64'));
    this.#facts = { size, md5: md5Bytes.toString('hex'), checksums };
  }

  /** Returns the facts. Call it after `bytes()` has ended. */
  facts(): PayloadFacts {
    if (this.#facts === undefined) throw new Error('Payload.facts() was called before bytes() ended');
    return this.#facts;
  }

  #unframed(): AsyncIterable<Uint8Array> {
    const body = this.#request.body();
    if (!this.#isFramed) return body;
    return decodeAwsChunked(body, (name, value) => {
      if (name !== this.#announced) return;
      if (!isBase64Of(value, CHECKSUM_BYTES[name] ?? 0)) throw invalidChecksum(name);
      this.#expected.set(name, value);
    });
  }

  #checkMd5(found: Buffer): void {
    const expected = this.#request.headers.get('content-md5');
    if (expected !== undefined && found.toString('base64') !== expected) {
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
  }

  #checkChecksum(name: string, found: string | undefined): string {
    const expected = this.#expected.get(name);
    if (expected === undefined) throw new S3Error('MalformedTrailerError', `The announced trailer ${name} is missing.`);
    if (found !== undefined && found !== expected) {
      const algorithm = name.replace('x-amz-checksum-', '').toUpperCase();
      throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
    }
    return expected;
  }
}

/**
 * Reads the whole document of a request, verified as the bytes of an object are.
 * @throws S3Error like `Payload`, and MalformedXML above the limit
 */
export async function readDocument(request: S3Request, maxBytes: number): Promise<string> {
  const payload = new Payload(request);
  if (payload.declaredSize > maxBytes) {
    throw new S3Error('MalformedXML', `The XML you provided is larger than ${maxBytes} bytes.`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of payload.bytes()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function hasAwsChunked(contentEncoding: string | undefined): boolean {
  return (contentEncoding ?? '').split(',').some((one) => one.trim().toLowerCase() === 'aws-chunked');
}

function readSize(text: string | undefined): number {
  if (text === undefined) throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (!/^\d{1,15}$/.test(text)) throw new S3Error('InvalidArgument', 'The declared length is not a whole number.');
  const size = Number(text);
  if (size > MAX_PUT_BYTES) {
    throw new S3Error(
      'EntityTooLarge',
      `Your proposed upload exceeds the maximum allowed size of ${MAX_PUT_BYTES} bytes.`,
    );
  }
  return size;
}

function readExpected(headers: ReadonlyMap<string, string>): Map<string, string> {
  const md5 = headers.get('content-md5');
  if (md5 !== undefined && !isBase64Of(md5, 16))
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified is not valid.');
  const expected = new Map<string, string>();
  for (const [name, bytes] of Object.entries(CHECKSUM_BYTES)) {
    const value = headers.get(name);
    if (value === undefined) continue;
    if (!isBase64Of(value, bytes)) throw invalidChecksum(name);
    expected.set(name, value);
  }
  return expected;
}

function readAnnounced(trailer: string | undefined): string | undefined {
  if (trailer === undefined || trailer === '') return undefined;
  const name = trailer.trim().toLowerCase();
  if (CHECKSUM_BYTES[name] === undefined) {
    throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported.');
  }
  return name;
}

function invalidChecksum(name: string): S3Error {
  return new S3Error('InvalidRequest', `Value for ${name} header is invalid.`);
}
