import type { Architecture } from './architecture.ts';

/** Change it with the rules below: layers built by other rules are then not taken from the cache. */
export const CONTENTS_VERSION = 1;

/** Packages that only onnxruntime-node's install script loads (adm-zip, global-agent and what that needs) are none of these. */
const PACKAGES = ['onnxruntime-node', 'onnxruntime-common', 'sharp', 'detect-libc', 'semver', '@img/colour'];

/** Neither loaded nor owed to anybody: types, sources, maps, headers, documents. Licences are owed. */
const UNUSED_FILE = /\.(d\.[cm]?ts|map|md|markdown|h|cc|gyp|hpp|yml)$|(^|\/)\.[^/]+$/i;
const LICENCE_FILE = /(^|\/)(licen[cs]e|notice|third-?party)[^/]*$/i;

/** What Node's `require` loads of a package whose files come in two forms. */
const ONLY_FOR_IMPORT = /^(onnxruntime-common\/dist\/esm|sharp\/dist\/[^/]+\.mjs$)/;
const ONLY_FOR_BUILDING =
  /^(onnxruntime-node\/(script|lib)|onnxruntime-common\/lib|sharp\/(src|install)|semver\/bin)\//;

/**
 * Whether a file of `node_modules` belongs into the runtime layer: what onnxruntime-node and sharp load, when required, on linux of one
 * architecture, and the licences.
 * @param path relative to node_modules, with forward slashes
 */
export function belongsInRuntimeLayer(path: string, architecture: Architecture): boolean {
  if (!packagesOf(architecture).some((name) => path.startsWith(`${name}/`))) return false;
  if (LICENCE_FILE.test(path)) return true;
  if (path.startsWith('onnxruntime-node/bin/')) {
    return path.startsWith(`onnxruntime-node/bin/napi-v6/linux/${architecture}/`);
  }
  return !UNUSED_FILE.test(path) && !ONLY_FOR_IMPORT.test(path) && !ONLY_FOR_BUILDING.test(path);
}

function packagesOf(architecture: Architecture): string[] {
  return [...PACKAGES, `@img/sharp-linux-${architecture}`, `@img/sharp-libvips-linux-${architecture}`];
}
