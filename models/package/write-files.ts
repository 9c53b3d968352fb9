import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CUDA_GRAPH_FILE,
  GRAPH_FILE,
  MANIFEST_FILE,
  type Manifest,
  parseManifest,
} from '../../classifier/manifest.ts';
import type { FileFacts } from '../graph/weights-file.ts';

/** Writes a graph, model.onnx by default, into the folder of an unfinished package. */
export async function writeGraph(
  folder: string,
  bytes: Uint8Array,
  name: typeof GRAPH_FILE | typeof CUDA_GRAPH_FILE = GRAPH_FILE,
): Promise<FileFacts> {
  await writeFile(join(folder, name), bytes, { flag: 'wx' });
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Writes model.json in the order of the schema, if the manifest is valid.
 * @returns the manifest as it is read back
 */
export async function writeManifest(folder: string, manifest: Manifest): Promise<Manifest> {
  const parsed = parseManifest(JSON.stringify(manifest), folder);
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(parsed, null, 1)}\n`, { flag: 'wx' });
  return parsed;
}
