import { basename } from 'node:path';

/** The package that answers the heavy queue, and the name under which it is requested. */
export interface HeavyModel {
  readonly name: string;
  /** Absolute path. */
  readonly packageDir: string;
}

/**
 * Names the heavy model. If its package is also the small model, the name is `<name>.heavy`,
 * because the small model answers to its own name.
 * @example heavyModel('/m/sample', '/m/sample').name // sample.heavy
 */
export function heavyModel(packageDir: string, smallPackageDir: string): HeavyModel {
  const name = basename(packageDir);
  return { name: name === basename(smallPackageDir) ? `${name}.heavy` : name, packageDir };
}
