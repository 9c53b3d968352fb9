import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Architecture } from './architecture.ts';
import { buildOnce } from './build-once.ts';
import { LayerBuildError } from './errors.ts';
import { filesIn, measureTree, type Tree } from './measure-tree.ts';
import { CONTENTS_VERSION, isNativeFile, NATIVE_PACKAGES } from './native-files.ts';
import { type ReducedLock, reduceLock } from './reduce-lock.ts';

/** A layer's folder, as Lambda unpacks it to `/opt`. */
export interface Layer extends Tree {
  readonly name: string;
  readonly folder: string;
}

export interface RuntimeLayerOptions {
  readonly architecture: Architecture;
  /** The folder in which finished layers are kept. */
  readonly cacheDir: string;
  /** What to install. @default - what the project's own package-lock.json says */
  readonly lock?: ReducedLock;
  /** Another npm, for tests. */
  readonly npm?: string;
}

/**
 * The folder in which Lambda's Node looks for modules of layers:
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-layers.html
 */
const MODULES_FOLDER = 'nodejs/node_modules';

const PROJECT_LOCK = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const HASH_DIGITS = 16;
/** Time limit for npm, which downloads 100 MB the first time. */
const NPM_TIMEOUT_MS = 10 * 60_000;

/** Reduces the project's package-lock.json to what the layer installs. */
export function runtimeLock(lockFile = PROJECT_LOCK): ReducedLock {
  return reduceLock(readFileSync(lockFile, 'utf8'), NATIVE_PACKAGES);
}

/**
 * Builds the layer with the native packages for Linux on one architecture. It needs npm's registry
 * (or npm's own cache) unless the layer is already in the cache folder.
 * @throws {LayerBuildError} when npm cannot install them, with npm's output
 */
export function buildRuntimeLayer(options: RuntimeLayerOptions): Layer {
  const { architecture, cacheDir, lock = runtimeLock(), npm = 'npm' } = options;
  const key = createHash('sha256')
    .update(`${CONTENTS_VERSION}\n${JSON.stringify(lock)}`)
    .digest('hex');
  const name = `runtime-${architecture}`;
  const folder = buildOnce(join(cacheDir, `${name}-${key.slice(0, HASH_DIGITS)}`), (draft) => {
    const workshop = join(draft, 'workshop');
    install(npm, lock, workshop, architecture);
    copyKept(join(workshop, 'node_modules'), join(draft, MODULES_FOLDER), architecture);
    rmSync(workshop, { recursive: true });
  });
  return { name, folder, ...measureTree(folder) };
}

function install(npm: string, { manifest, lock }: ReducedLock, folder: string, architecture: Architecture) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const platform = ['--os=linux', `--cpu=${architecture}`, '--libc=glibc'];
  const quietly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    execFileSync(npm, ['ci', ...platform, ...quietly], {
      cwd: folder,
      stdio: 'pipe',
      timeout: NPM_TIMEOUT_MS,
      // On Windows, npm is a shell script.
      shell: process.platform === 'win32',
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new LayerBuildError(
      `the runtime layer for ${architecture} cannot be built: npm ci failed to install ${new Intl.ListFormat('en-GB').format(NATIVE_PACKAGES)} (${said}). It needs npm's registry the first time: run it again where the registry can be reached.`,
      cause,
    );
  }
}

function copyKept(from: string, to: string, architecture: Architecture): void {
  const kept = filesIn(from).filter((path) => isNativeFile(path.replaceAll(sep, '/'), { architecture, cuda: false }));
  for (const path of kept) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
  }
}
