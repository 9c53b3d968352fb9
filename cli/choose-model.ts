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

export interface ModelRequest {
  /**
   * The folder of a package, or the name of a package in `modelsDir`. If undefined, the default
   * small model is used, or the sample model in its place.
   */
  readonly requestedModel: string | undefined;
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
export async function chooseModel(request: ModelRequest): Promise<string> {
  if (request.requestedModel !== undefined) return findNamed(request.requestedModel, request);
  const packageDir = join(request.modelsDir, DEFAULT_SMALL_MODEL);
  if (await isPackage(packageDir)) return packageDir;
  const model = findZooModel(DEFAULT_SMALL_MODEL.slice(0, -INT8_ENDING.length));
  const isDownloaded = await isPackage(join(request.modelsDir, model.name));
  if (request.offline && !isDownloaded) return useSample(request, 'AUTOSWIFTNET_OFFLINE=1 forbids downloads');
  request.say(
    isDownloaded
      ? `making ${DEFAULT_SMALL_MODEL} from ${model.name}; this takes a few seconds and happens once`
      : `downloading ${model.name} to ${oneLine(request.modelsDir)}: ${megabytes(model.checkpointBytes)}, licence ${model.license} (no commercial use), see ${ZOO_LICENSE_URL}`,
  );
  try {
    return await fetchDefault(model, request);
  } catch (error) {
    if (!isExpected(error)) throw error;
    return useSample(request, error.message);
  }
}

async function fetchDefault(model: ZooModel, { modelsDir, fetch = fetchModel }: ModelRequest): Promise<string> {
  const bar = new ProgressBar(model.name);
  const request = { model, modelsDir, precision: 'int8' as const, patience: UNASKED_PATIENCE };
  try {
    const { packageDir } = await fetch({ ...request, onProgress: bar.update, onDerive: bar.stop });
    return packageDir;
  } finally {
    bar.stop();
  }
}

async function useSample(request: ModelRequest, reason: string): Promise<string> {
  request.say(
    `using the sample model (it knows drawn images of 32 things, not photographs) because ${DEFAULT_SMALL_MODEL} is not on disk: ${oneLine(reason)}`,
  );
  return ensureSample(request);
}

async function ensureSample({ modelsDir, say, ensureSample }: ModelRequest): Promise<string> {
  const isThere = await isPackage(join(modelsDir, SAMPLE));
  const ensure = ensureSample ?? (await import('../models/sample/sample.ts')).ensureSamplePackage;
  const packageDir = await ensure(modelsDir);
  if (!isThere) say(`saved the sample model in ${oneLine(packageDir)}`);
  return packageDir;
}

async function findNamed(requestedModel: string, request: ModelRequest): Promise<string> {
  if (requestedModel === SAMPLE) return ensureSample(request);
  const isName = !/[/\\]/.test(requestedModel) && !/^\.*$/.test(requestedModel);
  if (isName && (await isPackage(join(request.modelsDir, requestedModel))))
    return join(request.modelsDir, requestedModel);
  if (await isPackage(requestedModel)) return resolve(requestedModel);
  const [, released = requestedModel, precision] = /^(.*)\.(int8|fp16)$/.exec(requestedModel) ?? [];
  if (ZOO.some(({ name }) => name === released)) {
    throw new ModelNotFoundError(
      `model ${requestedModel} is not in ${request.modelsDir}. Download it with: npx autoswiftnet models fetch ${released}${precision ? ` --precision ${precision}` : ''}`,
    );
  }
  const names = [...new Set([SAMPLE, ...(await packagesOnDisk(request.modelsDir)).keys()])];
  throw new ModelNotFoundError(
    `model '${requestedModel}' was not found. Use the folder of a model package (it contains ${MANIFEST_FILE}) or one of these names: ${names.join(', ')}. To see which models can be downloaded, run: npx autoswiftnet models list`,
  );
}

async function isPackage(path: string): Promise<boolean> {
  return (await stat(join(path, MANIFEST_FILE)).catch(() => null)) !== null;
}
