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
  /** A package's folder, or the name of one in `modelsDir`. Undefined: the default small model, or what replaces it. */
  readonly wanted: string | undefined;
  readonly modelsDir: string;
  /** Never try to download. */
  readonly offline: boolean;
  /** Takes a line for the user: what is being downloaded, which model answers and why. */
  readonly say: (line: string) => void;
  /** For tests: other ways to fetch the default model and to make the sample package. */
  readonly fetch?: (request: FetchRequest) => Promise<{ packageDir: string }>;
  readonly ensureSample?: (modelsDir: string) => Promise<string>;
}

/** `--model` or AUTOSWIFTNET_MODEL names nothing that is on disk. */
export class ModelNotFoundError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'model-not-found', status: 404 });
  }
}

const SAMPLE = 'sample';
const INT8_ENDING = '.int8';

/** Nobody asked for this download, so nobody waits for it: one attempt, and a network that answers does so at once. */
const UNASKED_PATIENCE = { firstByteTimeoutMs: 5_000, stallTimeoutMs: 10_000, retries: 0 };

/**
 * Which package `classify` and `start` open. A model that was named must be on disk. Without a name it is `resnet50_swsl.int8`, made of
 * `resnet50_swsl`, which is downloaded once if need be, and where that fails the sample model, the user being told.
 * @returns the package's folder; whether it is sound shows when it is opened
 * @throws {ModelNotFoundError} with the command that gets the model, or the names there are
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
