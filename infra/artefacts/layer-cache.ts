import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Returns the folder in which finished layers are kept, for all projects of the user. It is outside
 * of node_modules, which a package manager may empty or protect.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function layerCacheDir(variables: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_CACHE_HOME: cache } = variables;
  const base = cache !== undefined && isAbsolute(cache) ? cache : join(homedir(), '.cache');
  return join(base, 'autoswiftnet', 'layers');
}
