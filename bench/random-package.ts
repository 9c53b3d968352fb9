import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { convertCheckpoint } from '../models/convert.ts';
import { writeLegacyCheckpoint } from '../test/models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../test/models/graph/random-network.ts';

export interface RandomPackageOptions {
  /** See ConvertOptions. Default: ImageNet's. */
  readonly labels?: string;
  /** File that keeps the weights as torch.save writes them. Default: they are deleted. */
  readonly checkpoint?: string;
}

/**
 * Makes a package of a released architecture at full size with random weights, which is as fast as
 * the real one.
 * @returns its folder
 */
export async function randomPackage(
  architecture: string,
  folder: string,
  { labels, checkpoint: kept }: RandomPackageOptions = {},
): Promise<string> {
  const network = RELEASED_NETWORKS[architecture];
  if (network === undefined) {
    throw new TypeError(`expected one of ${Object.keys(RELEASED_NETWORKS).join(', ')}, received ${architecture}`);
  }
  const checkpoint = kept ?? join(folder, `${architecture}.pth`);
  await writeLegacyCheckpoint(checkpoint, randomNetwork(network));
  const packageDir = join(folder, architecture);
  await convertCheckpoint({ checkpoint, out: packageDir, name: architecture, labels });
  if (kept === undefined) await rm(checkpoint);
  return packageDir;
}
