import * as z from 'zod';
import { LayerBuildError } from './errors.ts';

const versions = z.record(z.string(), z.string()).optional();
const entrySchema = z.looseObject({
  version: z.string().optional(),
  dependencies: versions,
  optionalDependencies: versions,
});
const lockSchema = z.looseObject({ lockfileVersion: z.literal(3), packages: z.record(z.string(), entrySchema) });

type LockEntry = z.infer<typeof entrySchema>;

/** A package.json and its package-lock.json, as data. */
export interface ReducedLock {
  readonly manifest: { readonly private: true; readonly dependencies: Readonly<Record<string, string>> };
  readonly lock: {
    readonly lockfileVersion: 3;
    readonly requires: true;
    readonly packages: Readonly<Record<string, unknown>>;
  };
}

/**
 * Reduces a lock file to some packages, at exactly their locked versions, and everything that they
 * need. It keeps the binaries of every platform; npm chooses by `--os`, `--cpu` and `--libc`.
 * @param lockText the project's package-lock.json, version 3
 * @throws {LayerBuildError} when the text is not such a lock file, or a package is missing in it
 */
export function reduceLock(lockText: string, names: readonly string[]): ReducedLock {
  const { packages } = parseLock(lockText);
  const kept = new Map<string, LockEntry>();
  const direct: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const path = `node_modules/${name}`;
    const entry = packages[path];
    if (entry?.version === undefined) {
      throw new LayerBuildError(
        `package-lock.json has no version of ${name}: its entry ${path} is missing or incomplete. Run npm install to complete it.`,
      );
    }
    direct[name] = entry.version;
    keep(path, entry, packages, kept);
  }
  const manifest = { private: true, dependencies: direct } as const;
  const entries = [...kept].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    manifest,
    lock: { lockfileVersion: 3, requires: true, packages: { '': manifest, ...Object.fromEntries(entries) } },
  };
}

function parseLock(text: string) {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LayerBuildError(
      'package-lock.json is not a valid lock file of version 3. Run npm install to write it again.',
      cause,
    );
  }
}

function keep(
  path: string,
  entry: LockEntry,
  packages: Readonly<Record<string, LockEntry>>,
  kept: Map<string, LockEntry>,
): void {
  if (kept.has(path)) return;
  kept.set(path, entry);
  for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    const found = resolveFrom(path, name, packages);
    const needed = packages[found ?? ''];
    if (found !== null && needed !== undefined) keep(found, needed, packages, kept);
    else if (entry.dependencies?.[name] !== undefined) {
      throw new LayerBuildError(
        `package-lock.json has no entry for ${name}, which ${path} needs. Run npm install to complete it.`,
      );
    }
  }
}

/**
 * Resolves a package as Node finds modules: in the node_modules of the importing package, else in
 * those above it.
 */
function resolveFrom(path: string, name: string, packages: Readonly<Record<string, LockEntry>>): string | null {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[candidate] !== undefined) return candidate;
    if (folder === '') return null;
  }
}
