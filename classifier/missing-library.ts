import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf } from './message-of.ts';

const require = createRequire(import.meta.url);

/** Where onnxruntime-node has its native files, in the folder of the package. */
const NATIVE_FOLDER = join('bin', 'napi-v6', process.platform, process.arch);

/** Node's words for a library that was loaded and is not an addon. */
const LOADED = /did not self-register/;

/**
 * Says why the library of a provider cannot be loaded, in the words of the system's loader, which
 * name the file that is missing. ONNX Runtime's error says only that it could not be loaded; the
 * name goes to standard error.
 * @param folder holds the library; default: that of onnxruntime-node for this platform
 * @returns null when the library can be loaded, and on systems other than Linux
 * @example
 * missingLibrary('cuda')
 * // libcublasLt.so.13: cannot open shared object file: No such file or directory
 */
export function missingLibrary(provider: 'cuda' | 'tensorrt', folder = nativeFolder()): string | null {
  if (process.platform !== 'linux') return null;
  try {
    process.dlopen({ exports: {} }, join(folder, `libonnxruntime_providers_${provider}.so`));
    return null;
  } catch (error) {
    const message = messageOf(error);
    return LOADED.test(message) ? null : message;
  }
}

function nativeFolder(): string {
  return join(dirname(require.resolve('onnxruntime-node/package.json')), NATIVE_FOLDER);
}
