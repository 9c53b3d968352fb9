import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Stack, StackOptions } from '../../local/stack.ts';
import { publishedPackage } from '../published-package.ts';

/**
 * Starts the local stack of the published package. Its two processes start in half the processor
 * time that the sources take, and its page is bundled already. stack.test, heavy-model.test and a
 * test of restart.test start it from the sources.
 */
export async function startPublishedStack(options: StackOptions): Promise<Stack> {
  const module = pathToFileURL(join(await publishedPackage(), 'local/stack.js')).href;
  const { startStack }: typeof import('../../local/stack.ts') = await import(module);
  return startStack(options);
}
