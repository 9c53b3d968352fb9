import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AutoSwiftNetError } from '../classifier/errors.ts';
import { MANIFEST_FILE } from '../classifier/manifest.ts';
import { DEFAULT_SMALL_MODEL } from '../functions/environment.ts';
import { type FetchRequest, fetchModel } from '../models/fetch.ts';
import { findZooModel, ZOO, ZOO_LICENSE_URL, type ZooModel } from '../models/zoo/zoo.ts';
import { packagesOnDisk } from './packages-on-disk.ts';
import { megabytes, ProgressBar } from './progress-bar.ts';
import { isExpected, oneLine } from './report-error.ts';

export interface ModelWish {
  /**
   * The folder of a package, or the name of a package in `modelsDir`. If undefined, the default
   * small model is used, or the sample model in its place.
   */
  readonly wanted: string | undefined;
  readonly modelsDir: string;
  /** Never tries to download. */
  readonly offline: boolean;
  /** Prints a line for the user: what is downloaded, which model is used and why. */
  readonly say: (line: string) => void;
  /** Tests replace how the default model is fetched and how the sample package is made. */
  readonly fetch?: (request: FetchRequest) => Promise<{ packageDir: string }>;
  readonly ensureSample?: (modelsDir: string) => Promise<string>;
}

/** `--model` or AUTOSWIFTNET_MODEL names a model that is not on disk. */
export class ModelNotFoundError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'model-not-found', status: 404 });
  }
}

const SAMPLE = 'sample';
const INT8_ENDING = '.int8';

/**
 * The user did not ask for this download, so it must not keep them waiting: it is tried once, and
 * only while the network answers quickly.
 */
const UNASKED_PATIENCE = { firstByteTimeoutMs: 5_000, stallTimeoutMs: 10_000, retries: 0 };

/**
 * Chooses the package that `classify` and `start` open. A model that is named must be on disk.
 * Without a name it is `resnet50_swsl.int8`, which is made from `resnet50_swsl`; that model is
 * downloaded if it is missing. If the download fails, the sample model is used and the user is
 * told.
 * @returns the folder of the package, which is checked only when it is opened
 * @throws {ModelNotFoundError} with the command that downloads the model, or with the known names
 */
export async function chooseModel(wish: ModelWish): Promise<string> {
  if (wish.wanted !== undefined) return findNamed(wish.wanted, wish);
  const packageDir = join(wish.modelsDir, DEFAULT_SMALL_MODEL);
  if (await isPackage(packageDir)) return packageDir;
  const model = findZooModel(DEFAULT_SMALL_MODEL.slice(0, -INT8_ENDING.length));
  const isDownloaded = await isPackage(join(wish.modelsDir, model.name));
  if (wish.offline && !isDownloaded) return useSample(wish, 'AUTOSWIFTNET_OFFLINE=1 forbids downloads');
  wish.say(
    isDownloaded
      ? `making ${DEFAULT_SMALL_MODEL} from ${model.name}; this takes a few seconds and happens once`
      : `downloading ${model.name} to ${oneLine(wish.modelsDir)}: ${megabytes(model.checkpointBytes)}, licence ${model.license} (no commercial use), see ${ZOO_LICENSE_URL}`,
  );
  try {
    return await fetchDefault(model, wish);
  } catch (error) {
    if (!isExpected(error)) throw error;
    return useSample(wish, error.message);
  }
}

async function fetchDefault(model: ZooModel, { modelsDir, fetch = fetchModel }: ModelWish): Promise<string> {
  const bar = new ProgressBar(model.name);
  const request = { model, modelsDir, precision: 'int8' as const, patience: UNASKED_PATIENCE };
  try {
    const { packageDir } = await fetch({ ...request, onProgress: bar.update, onDerive: bar.stop });
    return packageDir;
  } finally {
    bar.stop();
  }
}

async function useSample(wish: ModelWish, reason: string): Promise<string> {
  wish.say(
    `using the sample model (it knows drawn images of 32 things, not photographs) because ${DEFAULT_SMALL_MODEL} is not on disk: ${oneLine(reason)}`,
  );
  return ensureSample(wish);
}

async function ensureSample({ modelsDir, say, ensureSample }: ModelWish): Promise<string> {
  const isThere = await isPackage(join(modelsDir, SAMPLE));
  const ensure = ensureSample ?? (await import('../models/sample/sample.ts')).ensureSamplePackage;
  const packageDir = await ensure(modelsDir);
  if (!isThere) say(`saved the sample model in ${oneLine(packageDir)}`);
  return packageDir;
}

async function findNamed(wanted: string, wish: ModelWish): Promise<string> {
  if (wanted === SAMPLE) return ensureSample(wish);
  const isName = !/[/\\]/.test(wanted) && !/^\.*$/.test(wanted);
  if (isName && (await isPackage(join(wish.modelsDir, wanted)))) return join(wish.modelsDir, wanted);
  if (await isPackage(wanted)) return resolve(wanted);
  const [, released = wanted, precision] = /^(.*)\.(int8|fp16)$/.exec(wanted) ?? [];
  if (ZOO.some(({ name }) => name === released)) {
    throw new ModelNotFoundError(
      `model ${wanted} is not in ${wish.modelsDir}. Download it with: npx autoswiftnet models fetch ${released}${precision ? ` --precision ${precision}` : ''}`,
    );
  }
  const names = [...new Set([SAMPLE, ...(await packagesOnDisk(wish.modelsDir)).keys()])];
  throw new ModelNotFoundError(
    `model '${wanted}' was not found. Use the folder of a model package (it contains ${MANIFEST_FILE}) or one of these names: ${names.join(', ')}. To see which models can be downloaded, run: npx autoswiftnet models list`,
  );
}

async function isPackage(path: string): Promise<boolean> {
  return (await stat(join(path, MANIFEST_FILE)).catch(() => null)) !== null;
}
