import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Bundles the tagging function of the sources in a folder, with the bundler of that folder. */
const BUNDLE = `
  import { writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { bundle } from './layers/bundle.ts';
  const files = await bundle({ entries: { index: 'functions/tag-upload/handler.ts' }, extension: '.mjs' });
  for (const { name, contents } of files) writeFileSync(join(process.argv[1], name), contents);
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
  execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', BUNDLE, out], { cwd: sources });
  return join(out, 'index.mjs');
}

/** Writes the files of a commit into a folder, with the installed packages of this one. */
function checkOut(commit: string, folder: string): string {
  mkdirSync(folder);
  const archive = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x'], { cwd: folder, input: archive });
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
