import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './floors.ts';

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
 * tests start some hundred. Test files share one build with each other and with `npm run build`,
 * which is kept by the content of everything it is made from. Nobody may change the folder.
 */
export function publishedPackage(): string {
  folder ??= execFileSync(process.execPath, [join(ROOT, 'scripts/built-package.js')], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trimEnd();
  return folder;
}
