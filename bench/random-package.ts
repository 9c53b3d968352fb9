import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { convertCheckpoint } from '../models/convert.ts';
import { writeLegacyCheckpoint } from '../test/models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../test/models/graph/random-network.ts';

/**
 * Makes a package of a released architecture at full size with random weights, which is as fast as
 * the real one.
 * @returns its folder
 */
export async function randomPackage(architecture: string, folder: string): Promise<string> {
  const network = RELEASED_NETWORKS[architecture];
  if (network === undefined) {
    throw new TypeError(`expected one of ${Object.keys(RELEASED_NETWORKS).join(', ')}, received ${architecture}`);
  }
  const checkpoint = join(folder, `${architecture}.pth`);
  await writeLegacyCheckpoint(checkpoint, randomNetwork(network));
  const packageDir = join(folder, architecture);
  await convertCheckpoint({ checkpoint, out: packageDir, name: architecture });
  await rm(checkpoint);
  return packageDir;
}
