import { createRequire } from 'node:module';

/** Loads the copy of a package of LevelDB that dynalite uses. */
export function loadLevelPackage<Package>(name: 'abstract-level' | 'classic-level'): Package {
  const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  return createRequire(ofDynalite.resolve('level'))(name);
}
