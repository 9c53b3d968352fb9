import { basename } from 'node:path';

/** The package that answers the heavy queue, and the name by which it is asked. */
export interface HeavyModel {
  readonly name: string;
  /** Absolute. */
  readonly packageDir: string;
}

/**
 * A package that is the small model, too, is asked as `<name>.heavy`: by its own name the small one answers.
 * @example heavyModel('/m/sample', '/m/sample').name // sample.heavy
 */
export function heavyModel(packageDir: string, smallPackageDir: string): HeavyModel {
  const name = basename(packageDir);
  return { name: name === basename(smallPackageDir) ? `${name}.heavy` : name, packageDir };
}
