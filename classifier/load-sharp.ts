import { createRequire } from 'node:module';
import type sharp from 'sharp';
import { NativePackageError } from './errors.ts';

const require = createRequire(import.meta.url);

/** Kept here because `require` looks the file up at every call. */
let loaded: typeof sharp | undefined;

/**
 * Loads sharp at the first call, so a program that decodes nothing never loads it. This file is
 * apart from decode/ so that the library's types do not need sharp's types.
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export function loadSharp(): typeof sharp {
  try {
    loaded ??= require('sharp') as typeof sharp;
    return loaded;
  } catch (cause) {
    throw new NativePackageError('sharp', cause);
  }
}
