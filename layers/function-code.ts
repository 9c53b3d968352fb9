import { copyFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, HEIC_THREAD } from './bundle.ts';
import { keepByContent } from './keep-by-content.ts';
import type { Tree } from './measure-tree.ts';

/**
 * A function's code as Lambda unpacks it to `/var/task`: the module `index.mjs`, and where it
 * decodes pictures the module of the thread that it starts for HEIC.
 */
export interface FunctionCode extends Tree {
  readonly name: string;
  readonly folder: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The threads that a function starts. */
const THREADS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'tag-upload': HEIC_THREAD,
  api: HEIC_THREAD,
  backfill: HEIC_THREAD,
};

/** Lambda gives credentials in one way, so that the code for all others can stay out. */
const STAND_INS = { '@aws-sdk/credential-provider-node': 'layers/lambda-credentials.ts' } as const;

/** The files that a function reads beside its module. */
const DATA_FILES: Readonly<Record<string, readonly string[]>> = { api: ['functions/api/openapi.yaml'] };

/**
 * Bundles `functions/<name>/handler.ts` with everything it imports, including the AWS SDK at our
 * locked version. The native packages come from the runtime layer, where only `require` finds them.
 * @param cacheDir receives the bundles, named by the hash of their content
 */
export async function bundleFunction(name: string, cacheDir: string): Promise<FunctionCode> {
  const entries = { index: `functions/${name}/handler.ts`, ...THREADS[name] };
  const files = await bundle({ entries, extension: '.mjs', standIns: STAND_INS });
  const kept = keepByContent(`function-${name}`, cacheDir, (draft) => {
    for (const { name: fileName, contents } of files) writeFileSync(join(draft, fileName), contents);
    for (const file of DATA_FILES[name] ?? []) copyFileSync(join(ROOT, file), join(draft, basename(file)));
  });
  return { name, ...kept };
}
