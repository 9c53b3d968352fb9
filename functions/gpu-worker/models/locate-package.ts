import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { type Manifest, readManifest } from '../../../classifier/manifest.ts';
import { UnknownModelError } from '../../routing/errors.ts';
import type { WorkerSettings } from '../settings.ts';
import { fetchPackage } from './package-cache.ts';

export interface LocatedPackage {
  readonly packageDir: string;
  readonly manifest: Manifest;
}

type PackageSettings = Pick<
  WorkerSettings,
  'models' | 'AUTOSWIFTNET_MODELS' | 'AUTOSWIFTNET_HEAVY_PACKAGES' | 'AUTOSWIFTNET_MODEL_CACHE'
>;

/**
 * Finds the package of a model that this worker serves: where the settings say, fetched from S3 if
 * that is there, else in the folder of packages under the model's name.
 * @throws {UnknownModelError} for any other model
 * @throws {InvalidPackageError} {@link PackageDownloadError}
 */
export async function locatePackage(
  name: string,
  settings: PackageSettings,
  client: S3Client,
): Promise<LocatedPackage> {
  if (!settings.models.includes(name)) throw new UnknownModelError(name, settings.models);
  const packageDir = await folderOf(name, settings, client);
  return { packageDir, manifest: await readManifest(packageDir) };
}

async function folderOf(name: string, settings: PackageSettings, client: S3Client): Promise<string> {
  const { AUTOSWIFTNET_HEAVY_PACKAGES: places, AUTOSWIFTNET_MODEL_CACHE: cacheDir } = settings;
  const place = Object.hasOwn(places, name) ? places[name] : undefined;
  if (place === undefined) return join(settings.AUTOSWIFTNET_MODELS, name);
  return typeof place === 'string' ? place : fetchPackage(client, place, cacheDir);
}
