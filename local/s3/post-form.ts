import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** A form up to its file: S3 takes no field that comes later. */
export interface PostForm {
  /** Lower-case names. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  /** The file's bytes; ends only once the whole form has arrived. */
  readonly file: AsyncIterable<Uint8Array>;
  /** Stops reading. Call it in any case. */
  close(): void;
}

/** S3's bound on all fields before the file. */
const MAX_FIELDS_BYTES = 20_480;
const MAX_FIELDS = 200;

/**
 * Reads a form's fields, up to the file.
 *
 * @throws S3Error MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument (no file, a field twice)
 */
export async function readPostForm(request: S3Request): Promise<PostForm> {
  const parser = openParser(request);
  const fields = new Map<string, string>();
  const { promise, resolve, reject } = deferred<PostForm>();
  let size = 0;
  parser.on('field', (name, value, nameTruncated, valueTruncated) => {
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (nameTruncated || valueTruncated || size > MAX_FIELDS_BYTES) {
      reject(
        new S3Error('MaxPostPreDataLengthExceeded', `The fields before the file are over ${MAX_FIELDS_BYTES} bytes.`),
      );
    } else if (fields.has(name.toLowerCase())) {
      reject(new S3Error('InvalidArgument', `The form has the field ${name} twice.`));
    } else {
      fields.set(name.toLowerCase(), value);
    }
  });
  parser.on('file', (_name, file, fileName) => {
    file.on('error', () => {}); // also told by `fed`
    resolve({ fields: new Map(fields), fileName, file: wholeFile(file, fed), close: () => parser.destroy() });
    fed.catch(() => file.destroy(malformed()));
  });
  parser.on('fieldsLimit', () => reject(malformed()));
  const fed: Promise<void> = pipeline(request.body(), parser).then(() => {});
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

/** The form is whole only when what follows the file has come too. */
async function* wholeFile(file: Readable, fed: Promise<void>): AsyncGenerator<Uint8Array> {
  yield* file;
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
