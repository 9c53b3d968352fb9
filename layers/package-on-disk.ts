import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidPackageError } from '../classifier/errors.ts';
import { findRenaming, MANIFEST_FILE, type Manifest, parseManifest } from '../classifier/manifest.ts';
import { hashFileSync } from '../models/package/hash-file.ts';
import { requireIntact } from './require-intact.ts';

/** A model package that was checked, as it is uploaded. */
export interface PackageOnDisk {
  readonly name: string;
  readonly packageDir: string;
  readonly manifest: Manifest;
  /** SHA-256 of each file, by its name: the manifest's own, and those that the manifest lists. */
  readonly hashes: Readonly<Record<string, string>>;
}

/**
 * Reads a package and checks that its files are those of its manifest.
 * @throws {InvalidPackageError} when the folder holds no package, has another name than the
 * package, or a file differs
 */
export function readPackage(packageDir: string): PackageOnDisk {
  const manifest = parseManifest(readManifestText(packageDir), packageDir);
  const faults = findRenaming(packageDir, manifest);
  if (faults.length > 0) throw new InvalidPackageError(packageDir, faults);
  requireIntact(packageDir, manifest);
  const listed = Object.entries(manifest.files).map(([file, { sha256 }]) => [file, sha256]);
  const hashes = { [MANIFEST_FILE]: hashFileSync(join(packageDir, MANIFEST_FILE)), ...Object.fromEntries(listed) };
  return { name: manifest.name, packageDir, manifest, hashes };
}

function readManifestText(packageDir: string): string {
  try {
    return readFileSync(join(packageDir, MANIFEST_FILE), 'utf8');
  } catch (cause) {
    const isThere = statSync(packageDir, { throwIfNoEntry: false }) !== undefined;
    const message = isThere ? `it has no ${MANIFEST_FILE} that can be read` : 'there is no such folder';
    throw new InvalidPackageError(packageDir, [{ code: 'no-manifest', message }], cause);
  }
}
