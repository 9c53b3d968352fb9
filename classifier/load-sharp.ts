import { createRequire } from 'node:module';
import type sharp from 'sharp';
import { NativePackageError } from './errors.ts';

const require = createRequire(import.meta.url);

/**
 * sharp, loaded at the first call: a program that decodes nothing does without it. The file is apart from decode.ts, so that the
 * library's types need none of sharp's.
 * @throws {NativePackageError} when sharp has no binary here
 */
export function loadSharp(): typeof sharp {
  try {
    return require('sharp');
  } catch (cause) {
    throw new NativePackageError('sharp', cause);
  }
}
