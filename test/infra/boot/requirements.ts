import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Architecture } from '../../../layers/architecture.ts';

const CACHE = fileURLToPath(new URL('cache/', import.meta.url));
const LAYERS_CACHE = fileURLToPath(new URL('../../../layers/cache/', import.meta.url));

/**
 * Says what is missing on this machine to boot a function's artefacts, as a title of skipped tests.
 * Returns null if nothing is missing.
 */
export function missingToBoot(architecture: Architecture): string | null {
  if (process.platform !== 'linux') return 'needs Linux: namespaces, and the processor that Lambda has';
  if (spawnSync('unshare', ['-rm', 'true']).status !== 0) {
    return 'needs unshare of util-linux and the right to make namespaces (kernel.unprivileged_userns_clone=1, or root)';
  }
  const prepared = existsSync(`${CACHE}node/${architecture}/bin/node`);
  const emulated = process.arch === architecture || existsSync(`${CACHE}arm64/qemu-aarch64`);
  if (!prepared || !emulated) return `needs Node 24${emulated ? '' : ' and qemu'}: bash test/infra/boot/prepare.sh`;
  if (!existsSync(LAYERS_CACHE)) return `needs the layers: npm run layers -- architecture=${architecture}`;
  return null;
}
