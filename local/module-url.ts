import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** In a clone these sources are TypeScript and run through tsx; in the published package they are compiled. This file is like the others. */
const isClone = import.meta.url.endsWith('.ts');

/**
 * The URL of a module of ours that another process is to load.
 * @param path from this folder, without extension
 * @example moduleUrl('./function-instance') // file:///…/local/function-instance.ts
 */
export function moduleUrl(path: string): URL {
  return new URL(`${path}${isClone ? '.ts' : '.js'}`, import.meta.url);
}

/** Node's own options for a process that loads such a module. */
export function moduleOptions(): string[] {
  if (!isClone) return [];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}
