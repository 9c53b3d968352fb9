import { resolve } from 'node:path';
import type { Manifest } from '../../classifier/manifest.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import { readPackage } from '../../layers/package-on-disk.ts';
import { preparedPath } from './prepared-path.ts';

/** A model package on disk, which is uploaded as it is. */
export class ModelPackage {
  /**
   * Reads a package that `npx autoswiftnet models fetch` or `models convert` has made, and checks
   * its files.
   * @param path the package's folder, relative to the working directory
   * @throws {ConfigurationError} when the path is no text
   * @throws {InvalidPackageError} when the folder holds no package, has another name than the
   * package, or a file differs from what the manifest says
   * @example ModelPackage.fromFolder('models/cache/resnet50_swsl.int8')
   */
  static fromFolder(path: string): ModelPackage {
    if (typeof path !== 'string') {
      throw new ConfigurationError(
        `ModelPackage.fromFolder takes the path of a package's folder, such as 'models/resnet50_swsl.int8', but got ${typeof path}.`,
      );
    }
    const { name, packageDir, manifest, hashes } = readPackage(resolve(path));
    return new ModelPackage(name, packageDir, manifest, hashes);
  }

  /**
   * Returns the model that the npm package brings. It knows only drawn pictures of 32 things, and is
   * there to try out a stack.
   */
  static sample(): ModelPackage {
    return ModelPackage.fromFolder(preparedPath('models/sample'));
  }

  /** Name of the package, such as `resnet50_swsl.int8`. */
  readonly name: string;
  /** Absolute path of the package's folder. */
  readonly packageDir: string;
  /** @internal */
  readonly manifest: Manifest;
  /**
   * SHA-256 of each file, by its name.
   * @internal
   */
  readonly hashes: Readonly<Record<string, string>>;

  private constructor(name: string, packageDir: string, manifest: Manifest, hashes: Readonly<Record<string, string>>) {
    this.name = name;
    this.packageDir = packageDir;
    this.manifest = manifest;
    this.hashes = hashes;
  }
}
