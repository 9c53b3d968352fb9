import { join } from 'node:path';
import { InvalidPackageError, type PackageFault } from '../classifier/errors.ts';
import type { Manifest } from '../classifier/manifest.ts';
import { hashFile } from '../models/package/hash-file.ts';

/**
 * Checks that a package's files are those of its manifest, so that what is deployed is what was
 * converted.
 * @throws {InvalidPackageError} naming every file that differs
 */
export async function requireIntact(packageDir: string, { files }: Manifest): Promise<void> {
  const faults: PackageFault[] = [];
  for (const [file, expected] of Object.entries(files)) {
    const found = await hashFile(join(packageDir, file)).catch(() => null);
    if (found === expected.sha256) continue;
    const fault =
      found === null
        ? 'is missing or cannot be read'
        : `has the SHA-256 ${found}, but the manifest says ${expected.sha256}`;
    faults.push({ code: 'file-hash', message: `${file} ${fault}` });
  }
  if (faults.length > 0) throw new InvalidPackageError(packageDir, faults);
}
