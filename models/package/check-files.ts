import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageFault } from '../../classifier/errors.ts';
import { GRAPH_FILE, type Manifest, WEIGHTS_FILE } from '../../classifier/manifest.ts';
import { messageOf } from '../../classifier/message-of.ts';
import { hashFile } from './hash-file.ts';

/**
 * Compares the size and SHA-256 of a package's files with its manifest.
 * @returns all faults, and whether the graph may still be run: not when its bytes differ from the
 *   converter's
 */
export async function checkFiles(packageDir: string, manifest: Manifest) {
  const faults: PackageFault[] = [];
  let canRun = true;
  for (const name of [GRAPH_FILE, WEIGHTS_FILE] as const) {
    const fault = await checkFile(join(packageDir, name), name, manifest.files[name]);
    if (!fault) continue;
    faults.push(fault);
    if (fault.code !== 'file-checksum' || name === GRAPH_FILE) canRun = false;
  }
  return { faults, canRun };
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
    const reason = messageOf(error);
    return { code: 'no-file', message: `${name} cannot be read: ${reason}` };
  }
}
