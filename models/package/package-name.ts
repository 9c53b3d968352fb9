import { basename, resolve } from 'node:path';
import { InvalidArgumentError } from '../../classifier/errors.ts';
import { manifestSchema, type Precision } from '../../classifier/manifest.ts';

/**
 * Names the package that is made in the folder `out`. It gets the folder's name, because that is
 * the name under which it is used.
 * @example packageName('models/cache/resnet50.int8', 'int8') // resnet50.int8
 * @throws {InvalidArgumentError} when a package cannot have that name; the name of an int8 or fp16
 *   package ends in its precision
 */
export function packageName(out: string, precision: Precision): string {
  const name = basename(resolve(out));
  requireName(name);
  if (precision === 'fp32' || name.endsWith(`.${precision}`)) return name;
  throw new InvalidArgumentError(
    `a package has the name of its folder, and the name of an ${precision} package ends in .${precision}: name the folder ${out}.${precision}`,
  );
}

/** @throws {InvalidArgumentError} when a package cannot have that name */
export function requireName(name: string): void {
  if (manifestSchema.shape.name.safeParse(name).success) return;
  throw new InvalidArgumentError(
    `the package name ${JSON.stringify(name)} is not valid. Use at most 128 letters, digits, dots, underscores and hyphens, starting with a letter or digit. Without --name, a package has the name of its folder.`,
  );
}
