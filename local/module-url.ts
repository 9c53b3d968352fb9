import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * In a clone the sources are TypeScript and run through tsx; in the published package they are
 * compiled. This file tells which case it is.
 */
const isClone = import.meta.url.endsWith('.ts');

/**
 * Makes the URL of one of our modules, for another process to load.
 * @param path relative to this folder, without extension
 * @example moduleUrl('./function-instance') // file:///…/local/function-instance.ts
 */
export function moduleUrl(path: string): URL {
  return new URL(`${path}${isClone ? '.ts' : '.js'}`, import.meta.url);
}

/** Options of Node for a process that loads such a module. */
export function moduleOptions(): string[] {
  if (!isClone) return [];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href];
}
