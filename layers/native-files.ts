import type { Architecture } from './architecture.ts';

/** The packages with binaries of their own. No bundle holds them: they are installed, and loaded by `require`. */
export const NATIVE_PACKAGES = ['onnxruntime-node', 'sharp'] as const;

/** What the native packages load. Packages that only onnxruntime-node's install script loads (adm-zip, global-agent …) are left out. */
const LOADED_PACKAGES = ['onnxruntime-common', 'detect-libc', 'semver', '@img/colour'];

/** Change it with the rules below: layers built by other rules are then not taken from the cache. */
export const CONTENTS_VERSION = 1;

/** Neither loaded nor owed to anybody: types, sources, maps, headers, documents. Licences are owed. */
const UNUSED_FILE = /\.(d\.[cm]?ts|map|md|markdown|h|cc|gyp|hpp|yml)$|(^|\/)\.[^/]+$/i;
const LICENCE_FILE = /(^|\/)(licen[cs]e|notice|third-?party)[^/]*$/i;

/** Files that only `import` loads. The bundles use `require`. */
const ONLY_FOR_IMPORT = /^(onnxruntime-common\/dist\/esm|sharp\/dist\/[^/]+\.mjs$)/;
const ONLY_FOR_BUILDING =
  /^(onnxruntime-node\/(script|lib)|onnxruntime-common\/lib|sharp\/(src|install)|semver\/bin)\//;

/** Libraries that onnxruntime-node's install script adds on a machine with a GPU. */
const GPU_LIBRARY = /\/libonnxruntime_providers_[^/]+$/;
/** CUDA's library finds the shared one. TensorRT's needs libraries that the container's base image does not have. */
const CUDA_LIBRARY = /\/libonnxruntime_providers_(cuda|shared)\.so$/;

/** Where native files run, always on Linux with glibc. */
export interface NativeTarget {
  readonly architecture: Architecture;
  /** Whether the CUDA libraries are taken along, where the install script brought them. */
  readonly cuda: boolean;
}

/** Names of the packages whose files are needed. */
export function packagesOf({ architecture }: Pick<NativeTarget, 'architecture'>): string[] {
  return [
    ...NATIVE_PACKAGES,
    ...LOADED_PACKAGES,
    `@img/sharp-linux-${architecture}`,
    `@img/sharp-libvips-linux-${architecture}`,
  ];
}

/**
 * Whether a file of `node_modules` is needed to run onnxruntime-node and sharp, loaded by `require`: their code, one platform's
 * binaries, and the licences.
 * @param path relative to node_modules, with forward slashes
 */
export function isNativeFile(path: string, { architecture, cuda }: NativeTarget): boolean {
  if (!packagesOf({ architecture }).some((name) => path.startsWith(`${name}/`))) return false;
  if (LICENCE_FILE.test(path)) return true;
  if (path.startsWith('onnxruntime-node/bin/')) {
    if (!path.startsWith(`onnxruntime-node/bin/napi-v6/linux/${architecture}/`)) return false;
    return !GPU_LIBRARY.test(path) || (cuda && CUDA_LIBRARY.test(path));
  }
  return !UNUSED_FILE.test(path) && !ONLY_FOR_IMPORT.test(path) && !ONLY_FOR_BUILDING.test(path);
}
