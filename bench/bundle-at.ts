import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Bundles the tagging function of the sources in a folder, with the bundler of that folder. */
const BUNDLE = `
  import { bundleFunction } from './layers/function-code.ts';
  const { folder } = await bundleFunction('tag-upload', process.argv[1]);
  process.stdout.write(folder);
`;

/**
 * Bundles the tagging function as it is deployed.
 * @param commit of this repository, or null for the sources as they are
 * @returns the path of its module
 */
export function bundleTagging(commit: string | null, folder: string): string {
  const out = join(folder, `bundle-${commit ?? 'now'}`);
  mkdirSync(out);
  const sources = commit === null ? ROOT : checkOut(commit, join(folder, `sources-${commit}`));
  const args = ['--import', 'tsx', '--input-type=module', '--eval', BUNDLE, out];
  return join(execFileSync(process.execPath, args, { cwd: sources, encoding: 'utf8' }), 'index.mjs');
}

/** Writes the files of a commit into a folder, with the installed packages of this one. */
function checkOut(commit: string, folder: string): string {
  mkdirSync(folder);
  const archive = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x'], { cwd: folder, input: archive });
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
