/**
 * Prints the folder of the built npm package. `build.js` runs only if the sources have changed
 * since they were built last, because it takes 25 s of processor time. With DIST the package is
 * also copied there, in place of what is there now.
 *
 *   node scripts/built-package.js [DIST]
 *
 * Several processes may run this at the same time: one builds, and the others wait for it. Nobody
 * may change the folder. Old ones do no harm; `npm ci` removes them together with node_modules.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Rooms of floors.json that are no part of the package. */
const NOT_BUILT = ['test/', 'bench/', 'docs/'];
/** Files beside the rooms of which the same is true. Any other may be in it. */
const OTHER_FILES = /^(\.|CONTRIBUTING\.md$|biome\.json$|cdk\.json$|jest\.)/;
/** What a room may hold without being a source: downloads, and the page's own build. */
const MADE = /^(cache|page)[/\\]/;
const HASH_DIGITS = 16;
const LOOK_AGAIN_MS = 200;

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules/.cache/autoswiftnet-published');
const folder = join(cache, sourceHash());
const built = join(folder, 'package');

await buildOnce();
if (process.argv[2]) {
  const dist = resolve(process.argv[2]);
  rmSync(dist, { recursive: true, force: true });
  cpSync(built, dist, { recursive: true });
}
process.stdout.write(`${built}\n`);

/** The draft is renamed when it is complete, so a folder of that name is always complete. */
async function buildOnce() {
  if (existsSync(folder)) return;
  mkdirSync(cache, { recursive: true });
  const lock = `${folder}.lock`;
  while (!take(lock)) {
    await delay(LOOK_AGAIN_MS);
    if (existsSync(folder)) return;
  }
  const draft = mkdtempSync(join(cache, '.draft-'));
  try {
    const build = [join(root, 'scripts/build.js'), join(draft, 'package')];
    // Standard output has only the folder.
    const { status } = spawnSync(process.execPath, build, { stdio: ['ignore', process.stderr, 'inherit'] });
    if (status !== 0) throw new Error(`the package's build failed with exit code ${status}; see above`);
    // Without the lock, as after a crash, somebody else may have been faster.
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
}

/** Takes the lock, also that of a process that has ended. Returns whether it could. */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isRunning(lock)) rmSync(lock, { force: true });
  return false;
}

function isRunning(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // A lock without a process id was created this moment.
    return owner === 0 || process.kill(owner, 0);
  } catch (error) {
    // EPERM: it runs as another user. Otherwise the process or the lock is gone.
    return error.code === 'EPERM';
  }
}

/** Hashes all that the package is made of, with package-lock.json for what is installed. */
function sourceHash() {
  const hash = createHash('sha256');
  for (const path of sources().sort()) hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  return hash.digest('hex').slice(0, HASH_DIGITS);
}

function sources() {
  const rooms = JSON.parse(readFileSync(join(root, 'floors.json'), 'utf8'))
    .flat()
    .map((entry) => entry.room)
    .filter((room) => !NOT_BUILT.includes(room));
  return [
    ...filesIn(root, false).filter((path) => !OTHER_FILES.test(path)),
    ...rooms.flatMap((room) =>
      filesIn(join(root, room), true)
        .filter((path) => !MADE.test(path))
        .map((path) => join(room, path)),
    ),
  ];
}

/** Lists the files of a folder, relative to it. */
function filesIn(path, recursive) {
  return readdirSync(path, { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(path, '/').length));
}
