import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DamagedStoreError, S3Error } from '../errors.ts';
import { filesUnder } from './data-files.ts';
import { readJsonFile, TEMPORARY_SUFFIX, writeJsonFile } from './json-file.ts';
import { KeyLock } from './key-lock.ts';
import { type Segment, segmentSchema, tagSchema } from './object-version.ts';

const uploadSchema = z.strictObject({
  key: z.string(),
  /** Milliseconds since 1970. */
  initiated: z.int(),
  headers: z.record(z.string(), z.string()),
  tags: z.array(tagSchema),
  /** Name of the algorithm (`CRC32` …) that the client chose at the start of the upload. */
  checksumAlgorithm: z.string().nullable(),
});

const partSchema = z.strictObject({
  segments: z.array(segmentSchema),
  size: z.int().nonnegative(),
  eTag: z.string(),
  checksums: z.record(z.string(), z.string()),
  lastModified: z.int(),
});

export type UploadFacts = z.infer<typeof uploadSchema>;
export type Part = z.infer<typeof partSchema>;

/** A multipart upload in progress. */
export interface Upload extends UploadFacts {
  readonly id: string;
  /** Parts by number, from 1 to 10,000. */
  readonly parts: ReadonlyMap<number, Part>;
}

interface OpenUpload extends Upload {
  readonly parts: Map<number, Part>;
}

const UPLOAD_NAME = /^([0-9a-f]{32})(?:\.(\d{1,5}))?\.json$/;

/**
 * The multipart uploads of a bucket: one small file per upload (`ID.json`) and one per part
 * (`ID.NUMBER.json`).
 */
export class UploadFiles {
  readonly #dir: string;
  readonly #uploads = new Map<string, OpenUpload>();
  readonly #locks = new KeyLock();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Reads the uploads in progress.
   *
   * @param named data files that belong to objects; an upload that owns one of them was completed
   * just before a crash
   * @throws DamagedStoreError
   */
  static async open(dir: string, named: ReadonlySet<string>): Promise<UploadFiles> {
    const files = new UploadFiles(dir);
    for (const path of (await filesUnder(dir)).sort((a, b) => a.length - b.length)) await files.#load(path);
    for (const upload of files.#uploads.values()) {
      if (segmentsOf(upload).some(({ file }) => named.has(file))) await files.forget(upload);
    }
    return files;
  }

  /** Returns the data files of all uploads. */
  files(): string[] {
    return [...this.#uploads.values()].flatMap((upload) => segmentsOf(upload).map(({ file }) => file));
  }

  /** Returns all uploads, in no particular order. */
  all(): Upload[] {
    return [...this.#uploads.values()];
  }

  /** @throws S3Error NoSuchUpload */
  find(key: string, id: string): Upload {
    return this.#find(key, id);
  }

  async create(facts: UploadFacts): Promise<Upload> {
    const upload: OpenUpload = { ...facts, id: randomBytes(16).toString('hex'), parts: new Map() };
    await writeJsonFile(join(this.#dir, `${upload.id}.json`), facts);
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /**
   * Runs a task while no part of the upload can be set, and no other such task runs.
   * @throws S3Error NoSuchUpload
   */
  async exclusively<T>(key: string, id: string, task: (upload: Upload) => Promise<T>): Promise<T> {
    return this.#locks.run(id, () => task(this.#find(key, id)));
  }

  /**
   * Sets a part of an upload.
   * @returns the earlier part with the same number, whose bytes the caller must remove
   * @throws S3Error NoSuchUpload when the upload ended while the part arrived
   */
  async setPart(key: string, id: string, partNumber: number, part: Part): Promise<Part | undefined> {
    return this.#locks.run(id, async () => {
      const { parts } = this.#find(key, id);
      await writeJsonFile(this.#partPath(id, partNumber), part);
      const replaced = parts.get(partNumber);
      parts.set(partNumber, part);
      return replaced;
    });
  }

  /**
   * Ends an upload. Call it within `exclusively`. The caller decides what happens to the bytes of
   * the parts.
   */
  async forget(upload: Upload): Promise<void> {
    this.#uploads.delete(upload.id);
    await rm(join(this.#dir, `${upload.id}.json`), { force: true });
    for (const partNumber of upload.parts.keys()) await rm(this.#partPath(upload.id, partNumber), { force: true });
  }

  async #load(path: string): Promise<void> {
    const [, id, partNumber] = UPLOAD_NAME.exec(basename(path)) ?? [];
    if (path.endsWith(TEMPORARY_SUFFIX)) {
      await rm(path, { force: true });
    } else if (id === undefined) {
      throw new DamagedStoreError(path, 'its name is not the name of an upload');
    } else if (partNumber === undefined) {
      this.#uploads.set(id, { ...(await readJsonFile(path, uploadSchema)), id, parts: new Map() });
    } else {
      const upload = this.#uploads.get(id);
      if (upload === undefined) await rm(path, { force: true });
      else upload.parts.set(Number(partNumber), await readJsonFile(path, partSchema));
    }
  }

  #find(key: string, id: string): OpenUpload {
    const upload = this.#uploads.get(id);
    if (upload?.key !== key) {
      throw new S3Error(
        'NoSuchUpload',
        'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      );
    }
    return upload;
  }

  #partPath(id: string, partNumber: number): string {
    return join(this.#dir, `${id}.${partNumber}.json`);
  }
}

/** Returns the bytes of all parts. */
export function segmentsOf(upload: Upload): Segment[] {
  return [...upload.parts.values()].flatMap(({ segments }) => segments);
}
