import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { filesIn } from './measure-tree.ts';
import { isNativeFile, type NativeTarget, packagesOf } from './native-files.ts';

/** CUDA libraries exist only for this platform. */
const TARGET: NativeTarget = { architecture: 'x64', cuda: true };

/**
 * Copies what the worker's container loads of the native packages.
 * @param from a folder node_modules
 * @param to another one, which is created
 * @throws when a package is not installed there
 */
export function copyNative(from: string, to: string): void {
  for (const name of packagesOf(TARGET)) {
    if (!existsSync(join(from, name)))
      throw new Error(`${name} is not installed. Run npm ci --os=linux --cpu=x64 --libc=glibc first.`);
    for (const path of filesIn(join(from, name))) {
      if (!isNativeFile(`${name}/${path.replaceAll(sep, '/')}`, TARGET)) continue;
      mkdirSync(dirname(join(to, name, path)), { recursive: true });
      cpSync(join(from, name, path), join(to, name, path));
    }
  }
}
