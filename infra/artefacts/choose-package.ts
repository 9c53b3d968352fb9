import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MANIFEST_FILE, type Manifest, readManifest } from '../../classifier/manifest.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import { megabytes, UNZIPPED_LIMIT_BYTES } from '../../layers/budget.ts';
import { ensureSamplePackage, SAMPLE_NAME } from '../../models/sample/sample.ts';
import { ZOO } from '../../models/zoo/zoo.ts';

/** A model package that is deployed. */
export interface ChosenPackage {
  readonly name: string;
  readonly packageDir: string;
  readonly manifest: Manifest;
  /** Tells the person who deploys that another model is used instead, or null. */
  readonly notice: string | null;
}

export interface PackageRequest {
  /** The configuration key; error messages name it. */
  readonly key: 'model' | 'heavyModel';
  /** The configured value. A model that is named must be on disk. */
  readonly requestedModel: string | undefined;
  /** Used if no model is configured and this one is on disk. */
  readonly preferred: string;
  readonly modelsDir: string;
}

/** Bytes per parameter of an int8, fp16 and fp32 package. */
const BYTES_PER_PARAMETER = { int8: 1, fp16: 2, fp32: 4 } as const;

/**
 * Chooses the package to deploy: the configured one, else the preferred one, else `sample` with a
 * notice.
 * @throws {ConfigurationError} in one line: an unknown model, a model that is not on disk, or one
 * that is too large for a layer
 * @throws {InvalidPackageError} when the package on disk is invalid
 */
export async function choosePackage(request: PackageRequest): Promise<ChosenPackage> {
  const { requestedModel, preferred, modelsDir } = request;
  const name = requestedModel ?? preferred;
  if (request.key === 'model') requireSmall(name);
  if (name !== SAMPLE_NAME && (await isOnDisk(name, modelsDir))) return open(name, modelsDir, null);
  if (requestedModel !== undefined && requestedModel !== SAMPLE_NAME) throw absent(request, requestedModel);
  await ensureSamplePackage(modelsDir);
  const notice = `${request.key}: ${preferred} is not in ${shown(modelsDir)}, so the sample model is deployed instead; it knows only drawn images of 32 things. To deploy ${preferred}, run ${fetchCommand(preferred)} and synthesize again.`;
  return open(SAMPLE_NAME, modelsDir, requestedModel === SAMPLE_NAME ? null : notice);
}

/**
 * Refuses a released model that is too large for Lambda. It uses the published number of
 * parameters, so the model need not be on disk.
 */
function requireSmall(name: string): void {
  const precision = name.endsWith('.int8') ? 'int8' : name.endsWith('.fp16') ? 'fp16' : 'fp32';
  const model = ZOO.find((one) => one.name === withoutPrecision(name));
  const bytes = (model?.parameters ?? 0) * BYTES_PER_PARAMETER[precision];
  if (bytes > UNZIPPED_LIMIT_BYTES) {
    throw new ConfigurationError(
      `model: ${name} has ${megabytes(bytes)} of weights, but Lambda unpacks at most ${megabytes(UNZIPPED_LIMIT_BYTES)}. Deploy it as heavyModel, or choose ${precision === 'int8' ? 'a smaller model' : 'its int8 package or a smaller model'}.`,
    );
  }
}

function absent({ key, modelsDir }: PackageRequest, requestedModel: string): ConfigurationError {
  if (ZOO.some((model) => model.name === withoutPrecision(requestedModel))) {
    return new ConfigurationError(
      `${key}: ${requestedModel} is not in ${shown(modelsDir)}. Download it with ${fetchCommand(requestedModel)}.`,
    );
  }
  const names = [SAMPLE_NAME, ...ZOO.map((model) => model.name)].join(', ');
  return new ConfigurationError(
    `${key}: there is no model ${requestedModel}, neither in ${shown(modelsDir)} nor among the released models. Convert it with npx autoswiftnet models convert, or choose one of ${names}.`,
  );
}

/**
 * Makes the command that downloads a released model.
 * @example fetchCommand('resnet50_swsl.int8')
 * // npx autoswiftnet models fetch resnet50_swsl --precision int8
 */
function fetchCommand(name: string): string {
  const released = withoutPrecision(name);
  const option = released === name ? '' : ` --precision ${name.slice(released.length + 1)}`;
  return `npx autoswiftnet models fetch ${released}${option}`;
}

function withoutPrecision(name: string): string {
  return name.replace(/\.(int8|fp16)$/, '');
}

async function open(name: string, modelsDir: string, notice: string | null): Promise<ChosenPackage> {
  const packageDir = join(modelsDir, name);
  return { name, packageDir, manifest: await readManifest(packageDir), notice };
}

async function isOnDisk(name: string, modelsDir: string): Promise<boolean> {
  return (await stat(join(modelsDir, name, MANIFEST_FILE)).catch(() => null)) !== null;
}

function shown(folder: string): string {
  return relative(process.cwd(), folder) || '.';
}
