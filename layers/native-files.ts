import type { Architecture } from './architecture.ts';

/**
 * The packages with native binaries. They are not bundled, but installed and loaded by `require`.
 */
export const NATIVE_PACKAGES = ['onnxruntime-node', 'sharp'] as const;

/**
 * Packages that the native packages load. Those that only onnxruntime-node's install script loads
 * (adm-zip, global-agent …) are left out.
 */
const LOADED_PACKAGES = ['onnxruntime-common', 'detect-libc', 'semver', '@img/colour'];

/**
 * Increase this when the rules below change, so that layers built by older rules are not reused
 * from the cache.
 */
export const CONTENTS_VERSION = 1;

/**
 * Files that are not loaded and that no licence requires: types, sources, maps, headers, documents.
 */
const UNUSED_FILE = /\.(d\.[cm]?ts|map|md|markdown|h|cc|gyp|hpp|yml)$|(^|\/)\.[^/]+$/i;
const LICENCE_FILE = /(^|\/)(licen[cs]e|notice|third-?party)[^/]*$/i;

/** Files that only `import` loads; the bundles use `require`. */
const ONLY_FOR_IMPORT = /^(onnxruntime-common\/dist\/esm|sharp\/dist\/[^/]+\.mjs$)/;
const ONLY_FOR_BUILDING =
  /^(onnxruntime-node\/(script|lib)|onnxruntime-common\/lib|sharp\/(src|install)|semver\/bin)\//;

/** Libraries that onnxruntime-node's install script adds on a machine with a GPU. */
const GPU_LIBRARY = /\/libonnxruntime_providers_[^/]+$/;
/**
 * The libraries for CUDA. TensorRT's library is left out: it needs libraries that the container's
 * base image does not have.
 */
const CUDA_LIBRARY = /\/libonnxruntime_providers_(cuda|shared)\.so$/;

/** Where native files run; always Linux with glibc. */
export interface NativeTarget {
  readonly architecture: Architecture;
  /** Whether to include the CUDA libraries, if the install script has installed them. */
  readonly cuda: boolean;
}

/** Returns the names of the packages whose files are needed. */
export function packagesOf({ architecture }: Pick<NativeTarget, 'architecture'>): string[] {
  return [
    ...NATIVE_PACKAGES,
    ...LOADED_PACKAGES,
    `@img/sharp-linux-${architecture}`,
    `@img/sharp-libvips-linux-${architecture}`,
  ];
}

/**
 * Tells whether a file in `node_modules` is needed to run onnxruntime-node and sharp, loaded by
 * `require`: their code, the binaries of one platform, and the licences.
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
