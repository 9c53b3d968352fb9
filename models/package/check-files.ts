import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageFault } from '../../classifier/errors.ts';
import { CUDA_GRAPH_FILE, GRAPH_FILE, HIERARCHY_FILE, type Manifest, WEIGHTS_FILE } from '../../classifier/manifest.ts';
import { whyUnreadable } from '../why-unreadable.ts';
import { hashFile } from './hash-file.ts';

/** Compares the size and SHA-256 of a package's files with its manifest, and returns all faults. */
export async function checkFiles(packageDir: string, manifest: Manifest): Promise<PackageFault[]> {
  const faults: PackageFault[] = [];
  for (const name of [GRAPH_FILE, CUDA_GRAPH_FILE, WEIGHTS_FILE, HIERARCHY_FILE] as const) {
    const expected = manifest.files[name];
    const fault = expected && (await checkFile(join(packageDir, name), name, expected));
    if (fault) faults.push(fault);
  }
  return faults;
}

async function checkFile(
  path: string,
  name: string,
  expected: Manifest['files'][typeof GRAPH_FILE],
): Promise<PackageFault | null> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return { code: 'no-file', message: `${name} is not a file` };
    if (found.size !== expected.bytes) {
      return { code: 'file-size', message: `${name} has ${found.size} bytes, but the manifest says ${expected.bytes}` };
    }
    const sha256 = await hashFile(path);
    return sha256 === expected.sha256
      ? null
      : {
          code: 'file-checksum',
          message: `${name} has the SHA-256 ${sha256}, but the manifest says ${expected.sha256}`,
        };
  } catch (error) {
    return { code: 'no-file', message: `${name} cannot be read: ${await whyUnreadable(path, error)}` };
  }
}
