import { readdirSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { IgnoreStrategy as CdkIgnoreStrategy } from 'aws-cdk-lib';
import type { ImageContext } from '../../infra/artefacts/image-context.ts';

/** The CDK reads patterns as Docker does. `require` loads only the part of it that is used. */
const { IgnoreStrategy }: { IgnoreStrategy: typeof CdkIgnoreStrategy } = createRequire(import.meta.url)('aws-cdk-lib');

/** Copies the files that Docker would receive, and no others, into a new folder. */
export async function copyContext({ folder, exclude }: ImageContext, to: string): Promise<void> {
  const ignored = IgnoreStrategy.docker(folder, exclude);
  const copyFolder = async (path: string): Promise<void> => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const below = join(path, entry.name);
      if (entry.isDirectory()) {
        if (!ignored.completelyIgnores(join(folder, below))) await copyFolder(below);
      } else if (!ignored.ignores(join(folder, below))) {
        await mkdir(dirname(join(to, below)), { recursive: true });
        await cp(join(folder, below), join(to, below));
      }
    }
  };
  await copyFolder('');
}
