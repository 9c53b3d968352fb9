import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** A form up to its file. S3 ignores fields after the file. */
export interface PostForm {
  /** Fields by name, in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  /** The bytes of the file. The iteration ends only when the whole form has arrived. */
  readonly file: AsyncIterable<Uint8Array>;
  /** Stops reading. It must always be called. */
  close(): void;
}

interface FormFile {
  readonly stream: Readable;
  isBeingRead: boolean;
}

/** S3's limit for all fields before the file. */
const MAX_FIELDS_BYTES = 20_480;
const MAX_FIELDS = 200;
/**
 * The parser works without delay. If it has nothing to wait for, and still makes no progress at two
 * checks in a row, the form has confused it.
 */
const STALL_CHECK_MS = 50;

/**
 * Reads the fields of a form, up to the file.
 *
 * @throws S3Error MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument (no file, or
 * a field twice)
 */
export async function readPostForm(request: S3Request): Promise<PostForm> {
  const parser = openParser(request);
  const { promise, resolve, reject } = deferred<PostForm>();
  const fields = collectFields(parser, reject);
  let file: FormFile | undefined;
  parser.on('file', (_name, stream, fileName) => {
    stream.on('error', () => {}); // `fed` fails with the same error
    file = { stream, isBeingRead: false };
    resolve({ fields: new Map(fields), fileName, file: wholeFile(file, fed), close: () => parser.destroy() });
    fed.catch(() => stream.destroy(malformed()));
  });
  const isBlocked = () => file !== undefined && (!file.isBeingRead || file.stream.readableLength > 0);
  const fed = feed(request.body(), parser, isBlocked);
  fed.then(
    () => reject(new S3Error('InvalidArgument', 'POST requires exactly one file upload per request.')),
    (error: unknown) => reject(malformed(error)),
  );
  try {
    return await promise;
  } catch (error) {
    parser.destroy();
    throw error;
  }
}

function collectFields(parser: BusboyInstance, reject: (error: unknown) => void): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let size = 0;
  parser.on('field', (name, value, nameTruncated, valueTruncated) => {
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (nameTruncated || valueTruncated || size > MAX_FIELDS_BYTES) {
      reject(
        new S3Error(
          'MaxPostPreDataLengthExceeded',
          `The fields before the file have more than ${MAX_FIELDS_BYTES} bytes.`,
        ),
      );
    } else if (fields.has(name.toLowerCase())) {
      reject(new S3Error('InvalidArgument', `The form has the field ${name} twice.`));
    } else {
      fields.set(name.toLowerCase(), value);
    }
  });
  parser.on('fieldsLimit', () => reject(malformed()));
  return fields;
}

/**
 * Feeds the whole body to the parser, as fast as the parser takes it. A stream pipeline does not
 * work here: with some malformed forms the parser neither finishes nor fails.
 *
 * @param isBlocked tells whether the parser waits for the file to be read
 */
async function feed(body: AsyncIterable<Uint8Array>, parser: BusboyInstance, isBlocked: () => boolean): Promise<void> {
  const done = deferred<void>();
  done.promise.catch(() => {}); // the error is also thrown where the promise is awaited
  parser.on('finish', () => done.resolve());
  parser.on('error', (error) => done.reject(error));
  parser.on('close', () => done.reject(malformed()));
  try {
    for await (const chunk of body) {
      const isFull = !parser.write(chunk);
      if (isFull) await unlessStalled(Promise.race([once(parser, 'drain'), done.promise]), isBlocked);
    }
    parser.end();
    await unlessStalled(done.promise, isBlocked);
  } finally {
    parser.destroy();
  }
}

async function unlessStalled<T>(work: Promise<T>, isBlocked: () => boolean): Promise<T> {
  const stalled = deferred<never>();
  let idleLooks = 0;
  const look = setInterval(() => {
    idleLooks = isBlocked() ? 0 : idleLooks + 1;
    if (idleLooks === 2) stalled.reject(malformed());
  }, STALL_CHECK_MS);
  try {
    return await Promise.race([work, stalled.promise]);
  } finally {
    clearInterval(look);
  }
}

/** Yields the bytes of the file, and ends only when everything after the file has arrived, too. */
async function* wholeFile(file: FormFile, fed: Promise<void>): AsyncGenerator<Uint8Array> {
  file.isBeingRead = true;
  yield* file.stream;
  try {
    await fed;
  } catch (error) {
    throw malformed(error);
  }
}

function openParser(request: S3Request): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
      limits: { fieldSize: MAX_FIELDS_BYTES, fields: MAX_FIELDS, files: 1, headerPairs: 50 },
    });
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(cause?: unknown): S3Error {
  return new S3Error(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
    {},
    cause,
  );
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let [resolve, reject]: [(value: T) => void, (error: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    [resolve, reject] = [resolvePromise, rejectPromise];
  });
  return { promise, resolve, reject };
}
