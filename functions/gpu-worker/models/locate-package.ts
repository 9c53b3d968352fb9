import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { type Manifest, readManifest, readManifestFile } from '../../../classifier/manifest.ts';
import { UnknownModelError } from '../../routing/errors.ts';
import { PackageDownloadError } from '../errors.ts';
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
 * Finds the package of a model that this worker serves. The settings may name its place; a package
 * in S3 is downloaded. Without a setting, it is in the folder of packages, under the model's name.
 * @throws {UnknownModelError} for any other model
 * @throws {InvalidPackageError} when it is missing, damaged, or in a folder of another name
 * @throws {PackageDownloadError} also when the files in S3 are those of another package
 */
export async function locatePackage(
  name: string,
  settings: PackageSettings,
  client: S3Client,
): Promise<LocatedPackage> {
  if (!settings.models.includes(name)) throw new UnknownModelError(name, settings.models);
  const { AUTOSWIFTNET_HEAVY_PACKAGES: places, AUTOSWIFTNET_MODEL_CACHE: cacheDir } = settings;
  const place = (Object.hasOwn(places, name) ? places[name] : undefined) ?? join(settings.AUTOSWIFTNET_MODELS, name);
  if (typeof place === 'string') return { packageDir: place, manifest: await readManifest(place) };
  const packageDir = await fetchPackage(client, name, place, cacheDir);
  const manifest = await readManifestFile(packageDir);
  if (manifest.name === name) return { packageDir, manifest };
  throw new PackageDownloadError(
    `AUTOSWIFTNET_HEAVY_PACKAGES: the files of ${name} are those of the package ${manifest.name}. Use ${manifest.name} as its name there.`,
  );
}
