import { join } from 'node:path';
import { InvalidPackageError, type PackageFault } from '../classifier/errors.ts';
import type { Manifest } from '../classifier/manifest.ts';
import { hashFileSync } from '../models/package/hash-file.ts';

/**
 * Checks that a package's files are those of its manifest, so that what is deployed is what was
 * converted.
 * @throws {InvalidPackageError} naming every file that differs
 */
export function requireIntact(packageDir: string, { files }: Pick<Manifest, 'files'>): void {
  const faults: PackageFault[] = [];
  for (const [file, expected] of Object.entries(files)) {
    const found = hashIfThere(join(packageDir, file));
    if (found === expected.sha256) continue;
    const fault =
      found === null
        ? 'is missing or cannot be read'
        : `has the SHA-256 ${found}, but the manifest says ${expected.sha256}`;
    faults.push({ code: 'file-hash', message: `${file} ${fault}` });
  }
  if (faults.length > 0) throw new InvalidPackageError(packageDir, faults);
}

function hashIfThere(path: string): string | null {
  try {
    return hashFileSync(path);
  } catch {
    return null;
  }
}
