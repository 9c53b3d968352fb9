import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from '../layers/build-once.ts';
import { filesIn } from '../layers/measure-tree.ts';
import { foldersUpTo, ROOT, readFloors } from './floors.ts';

/** Old entries do no harm. `npm ci` removes them together with node_modules. */
const CACHE = join(ROOT, 'node_modules/.cache/autoswiftnet-published');
const HASH_DIGITS = 16;

/** Limit for the build, on two busy cores. On idle ones it takes some seconds. */
const BUILD_TIMEOUT_MS = 300_000;

let folder: string | undefined;

// Before the first test of every file that imports this, so that no test waits for the build.
beforeAll(() => {
  publishedPackage();
}, BUILD_TIMEOUT_MS);

/**
 * The package as npm publishes it, in a folder from where it finds its dependencies. Compiled code
 * starts a process for 0.3 s of processor time where the sources, through tsx, take 0.8 s, and the
 * tests start some hundred. Test files share one build, which is kept by the content of everything
 * it is made from. Nobody may change the folder.
 */
export function publishedPackage(): string {
  folder ??= buildOnce(join(CACHE, sourceHash()), (draft) => {
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.js'), join(draft, 'package')], { stdio: 'pipe' });
  });
  return join(folder, 'package');
}

function sourceHash(): string {
  const hash = createHash('sha256');
  const folders = [...foldersUpTo(readFloors(), 'cli/'), 'scripts/'];
  const files = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = [
    ...files.map(({ name }) => name),
    ...folders.flatMap((room) =>
      filesIn(join(ROOT, room))
        .filter((path) => !/^(cache|page)\//.test(path))
        .map((path) => `${room}${path}`),
    ),
  ];
  for (const path of paths.sort()) hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex').slice(0, HASH_DIGITS);
}
