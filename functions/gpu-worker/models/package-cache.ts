import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pRetry, { AbortError } from 'p-retry';
import type { Environment } from '../../environment.ts';
import { PackageDownloadError } from '../errors.ts';
import { machineFault } from './machine-fault.ts';

/** The files of a package by name: the address of each (`s3://BUCKET/KEY`) and its SHA-256. */
export type PackageFiles = Exclude<Environment['AUTOSWIFTNET_HEAVY_PACKAGES'][string], string>;

interface RemoteFile {
  readonly url: string;
  readonly sha256: string;
}

/** Each file's path in the folder that is named by content. */
type Entries = readonly (readonly [path: string, file: RemoteFile])[];

const RETRIES = 2;
const RETRY_DELAY_MS = 500;

/**
 * Age after which an unfinished download is deleted. A worker that was killed leaves such
 * downloads.
 */
const PART_LIFETIME_MS = 3_600_000;
const PART_PREFIX = '.part-';

/**
 * Returns the folder of a package in `cacheDir`. It has the model's name, and lies in a folder that
 * is named by the checksums of the files. If it exists, it is checked again. If not, the files are
 * downloaded to a temporary folder, checked, and only then moved to their place. Several workers
 * may share the cache.
 * @throws {PackageDownloadError} naming the file, and what was expected and received
 */
export async function fetchPackage(
  client: S3Client,
  name: string,
  files: PackageFiles,
  cacheDir: string,
): Promise<string> {
  const entries = Object.entries(files).map(([file, remote]) => [join(name, file), remote] as const);
  const folder = join(cacheDir, contentHash(entries));
  const packageDir = join(folder, name);
  if (await isWhole(folder, entries)) return packageDir;
  await mkdir(cacheDir, { recursive: true });
  await removeOldParts(cacheDir);
  const part = join(cacheDir, `${PART_PREFIX}${randomUUID()}`);
  try {
    await mkdir(join(part, name), { recursive: true });
    for (const [path, file] of entries) {
      const fetchOnce = () => fetchFile(client, file, join(part, path));
      const shouldRetry = ({ error }: { error: Error }) => machineFault(error, cacheDir) === null;
      await pRetry(fetchOnce, { retries: RETRIES, minTimeout: RETRY_DELAY_MS, shouldRetry });
    }
    await replace(part, folder, entries);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return packageDir;
}

function contentHash(entries: Entries): string {
  const content = entries.map(([path, { sha256 }]) => `${path} ${sha256}\n`).sort();
  return createHash('sha256').update(content.join('')).digest('hex');
}

async function fetchFile(client: S3Client, { url, sha256 }: RemoteFile, path: string): Promise<void> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(url) ?? [];
  const hash = createHash('sha256');
  try {
    const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket, Key }));
    if (!(Body instanceof Readable)) throw new TypeError('the answer of S3 has no body');
    // An error event that has no listener ends the process. Once it is read, the pipeline listens.
    Body.on('error', () => {});
    await checkDisk(url, ContentLength, path).catch((error) => {
      Body.destroy();
      throw error;
    });
    const measure = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(Body, measure, createWriteStream(path));
  } catch (cause) {
    if (cause instanceof AbortError) throw cause;
    throw new PackageDownloadError(
      `${url}: a file of the model package cannot be downloaded (${String(cause)}). Check that the object exists, and the task's permissions and network.`,
      cause,
    );
  }
  const found = hash.digest('hex');
  if (found !== sha256) {
    throw new PackageDownloadError(
      `${url}: the SHA-256 of the file is wrong: expected ${sha256}, found ${found}. Upload the package again, or correct AUTOSWIFTNET_HEAVY_PACKAGES.`,
    );
  }
  await sync(path);
}

/**
 * A file that is larger than the whole disk fits no machine of this kind: its requests fail, and
 * the worker goes on. If the disk is only full, another machine may have room.
 * @throws {AbortError} because no attempt would fare better
 */
async function checkDisk(url: string, bytes: number, path: string): Promise<void> {
  const { blocks, bsize } = await statfs(dirname(path));
  if (bytes <= blocks * bsize) return;
  const error = new PackageDownloadError(
    `${url}: the file has ${bytes} bytes, and the whole disk of AUTOSWIFTNET_MODEL_CACHE only ${blocks * bsize}. Give the machines a larger disk, or deploy a smaller model.`,
  );
  throw new AbortError(error);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Moves a complete download to its place. A damaged folder there is deleted first. If another
 * worker has put a complete folder there in the meantime, that one is used.
 */
async function replace(part: string, folder: string, entries: Entries): Promise<void> {
  try {
    await rename(part, folder);
  } catch (cause) {
    if (await isWhole(folder, entries)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder).catch(() => {
      throw cause;
    });
  }
}

async function isWhole(folder: string, entries: Entries): Promise<boolean> {
  for (const [path, { sha256 }] of entries) {
    if ((await hashOf(join(folder, path))) !== sha256) return false;
  }
  return true;
}

async function hashOf(path: string): Promise<string | null> {
  if ((await stat(path).catch(() => null)) === null) return null;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function removeOldParts(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(PART_PREFIX)) continue;
    const path = join(cacheDir, name);
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now());
    if (age > PART_LIFETIME_MS) await rm(path, { recursive: true, force: true });
  }
}
