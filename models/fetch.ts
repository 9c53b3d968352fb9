import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoSwiftNetError, InvalidPackageError } from '../classifier/errors.ts';
import { findRenaming, type Precision, readManifestFile } from '../classifier/manifest.ts';
import type { ConvertOptions } from './convert.ts';
import { type Download, type DownloadPatience, download, type Progress } from './download/download.ts';
import { ChecksumError } from './download/errors.ts';
import { hashFile } from './package/hash-file.ts';
import type { QuantizeOptions } from './quantize.ts';
import type { ZooModel } from './zoo/zoo.ts';

export interface FetchRequest {
  readonly model: ZooModel;
  /** The folder of packages. Its subfolder `.downloads` holds unfinished downloads. */
  readonly modelsDir: string;
  /**
   * Default fp32. int8 and fp16 packages are made from the fp32 package, which stays beside them.
   */
  readonly precision?: Precision;
  /**
   * A folder, or its URL (http, https or file), that holds the file under its released name.
   * Default: the authors' server.
   */
  readonly source?: string;
  readonly patience?: Partial<DownloadPatience>;
  /** Called when the package is not there yet, before anything is done. */
  readonly onBegin?: () => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Called before a failed download is tried again. */
  readonly onRetry?: Download['onRetry'];
  /** Called when the checkpoint is on disk and verified. */
  readonly onConvert?: () => void;
  /** Called when the fp32 package is on disk and another one is made from it. */
  readonly onDerive?: () => void;
  /** Called while an int8 package is compared with the fp32 one, after each image. */
  readonly onStep?: QuantizeOptions['onStep'];
  readonly onWarning?: (text: string) => void;
  /** Default: convertCheckpoint, which is loaded only when it is needed. */
  readonly convert?: (options: ConvertOptions) => Promise<unknown>;
}

export interface Fetched {
  readonly packageDir: string;
  /** False when the package was already there and nothing was done. */
  readonly isNew: boolean;
}

/** There is no such file at the place that `--source` names. */
export class SourceError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'source-not-found', status: 404, cause });
  }
}

/** Another package already has the model's name, and fetching would destroy it. */
export class NameTakenError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'name-taken', status: 409 });
  }
}

/**
 * How much larger than documented a download may be: a mirror may have another build of the same
 * weights, but a hostile server must not send an endless file.
 */
const SIZE_ALLOWANCE = 1.5;

/**
 * Makes the package `<modelsDir>/<name>` of a released model: downloads its checkpoint, verifies
 * and converts it, and removes the checkpoint again. For int8 and fp16 it then makes the package
 * `<modelsDir>/<name>.<precision>`. It does nothing when the package is already there, and replaces
 * a damaged one.
 * @throws {DownloadError | ChecksumError | SourceError | NameTakenError} and everything that
 *   convertCheckpoint, quantizePackage and halvePackage throw
 */
export async function fetchModel(request: FetchRequest): Promise<Fetched> {
  const { model, modelsDir, precision = 'fp32' } = request;
  if (precision === 'fp32') return fetchFloat(request);
  const packageDir = join(modelsDir, `${model.name}.${precision}`);
  const state = await stateOf(packageDir, model);
  if (state === 'complete') return { packageDir, isNew: false };
  const float = await fetchFloat(request);
  request.onDerive?.();
  try {
    const options = { package: float.packageDir, out: packageDir, force: state === 'damaged' };
    await derive(precision, options, request);
  } catch (error) {
    if ((await stateOf(packageDir, model)) !== 'complete') throw error;
  }
  return { packageDir, isNew: true };
}

async function derive(
  precision: Exclude<Precision, 'fp32'>,
  options: { package: string; out: string; force: boolean },
  { onWarning, onStep }: FetchRequest,
): Promise<void> {
  if (precision === 'int8') await (await import('./quantize.ts')).quantizePackage({ ...options, onWarning, onStep });
  else await (await import('./halve.ts')).halvePackage(options);
}

async function fetchFloat(request: FetchRequest): Promise<Fetched> {
  const { model, modelsDir } = request;
  const packageDir = join(modelsDir, model.name);
  const state = await stateOf(packageDir, model);
  if (state === 'complete') return { packageDir, isNew: false };

  request.onBegin?.();
  const checkpoint = await obtainCheckpoint(request);
  request.onConvert?.();
  try {
    const convert = request.convert ?? (await import('./convert.ts')).convertCheckpoint;
    await convert({
      checkpoint: checkpoint.path,
      out: packageDir,
      name: model.name,
      force: state === 'damaged',
      source: { url: model.url },
      supervision: model.supervision,
      publishedTop1: model.publishedTop1,
      publishedTop5: model.publishedTop5,
      measuredTop1: model.measuredTop1,
      measuredTop5: model.measuredTop5,
      license: model.license,
      onWarning: request.onWarning,
    });
  } catch (error) {
    // Another process fetched the same model and was faster.
    if ((await stateOf(packageDir, model)) !== 'complete') throw error;
  }
  if (checkpoint.isOurs) await rm(checkpoint.path, { force: true });
  return { packageDir, isNew: true };
}

/**
 * Says what exists under a package's name. `damaged` means the remains of a package, which may be
 * replaced.
 * @throws {NameTakenError} when it is an intact package of another checkpoint, or one that has
 *   another name than its folder
 */
async function stateOf(packageDir: string, model: ZooModel): Promise<'absent' | 'damaged' | 'complete'> {
  if (!(await statsOf(packageDir))) return 'absent';
  try {
    const manifest = await readManifestFile(packageDir);
    if (!manifest.source.sha256.startsWith(model.sha256Prefix)) {
      throw new NameTakenError(
        `${packageDir} already holds a package of another checkpoint: its SHA-256 is ${manifest.source.sha256}, and that of ${model.name} starts with ${model.sha256Prefix}. Move it to another folder, then fetch again.`,
      );
    }
    if (findRenaming(packageDir, manifest).length > 0) {
      throw new NameTakenError(
        `${packageDir} holds the package ${manifest.name}. Rename the folder back to ${manifest.name}, then fetch again.`,
      );
    }
    for (const [file, { bytes }] of Object.entries(manifest.files)) {
      if ((await statsOf(join(packageDir, file)))?.size !== bytes) return 'damaged';
    }
    return 'complete';
  } catch (error) {
    if (error instanceof InvalidPackageError) return 'damaged';
    throw error;
  }
}

/**
 * Returns the verified checkpoint on disk: our own download, or the file in the folder that
 * `--source` names.
 */
async function obtainCheckpoint(request: FetchRequest): Promise<{ path: string; isOurs: boolean }> {
  const { model, modelsDir, source } = request;
  const place = source === undefined ? { url: model.url } : placeOf(source, model.fileName);
  if ('path' in place) {
    await requireFile(place.path, model);
    return { path: place.path, isOurs: false };
  }
  const path = join(modelsDir, '.downloads', model.fileName);
  // The download is still there when its conversion failed or was interrupted.
  const isThere = (await statsOf(path)) && (await hashFile(path)).startsWith(model.sha256Prefix);
  if (!isThere) {
    await download({
      url: place.url,
      destination: path,
      sha256: model.sha256Prefix,
      maxBytes: Math.ceil(model.checkpointBytes * SIZE_ALLOWANCE),
      ...(request.patience && { patience: request.patience }),
      ...(request.onProgress && { onProgress: request.onProgress }),
      ...(request.onRetry && { onRetry: request.onRetry }),
    });
  }
  return { path, isOurs: true };
}

function placeOf(source: string, fileName: string): { url: string } | { path: string } {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme === undefined) return { path: join(resolve(source), fileName) };
  try {
    if (scheme === 'file') return { path: join(fileURLToPath(source), fileName) };
    if (scheme === 'http' || scheme === 'https')
      return { url: new URL(fileName, `${source.replace(/\/+$/, '')}/`).href };
  } catch (cause) {
    throw new SourceError(`--source ${source} is not a valid URL. Give a folder or an http, https or file URL.`, cause);
  }
  throw new SourceError(
    `--source ${source}: ${scheme} URLs are not supported. Give a folder or an http, https or file URL.`,
  );
}

async function requireFile(path: string, model: ZooModel): Promise<void> {
  const stats = await statsOf(path);
  if (!stats?.isFile()) {
    throw new SourceError(
      `--source has no file ${path}. It must hold the released checkpoint of ${model.name} under its original file name.`,
    );
  }
  const found = await hashFile(path);
  if (!found.startsWith(model.sha256Prefix)) {
    throw new ChecksumError(path, model.sha256Prefix, found, 'The file was not changed. Download it again.');
  }
}

function statsOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | null> {
  return stat(path).catch(() => null);
}
