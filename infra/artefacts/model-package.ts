import type { Manifest } from '../../classifier/manifest.ts';

/** A model package that is deployed. */
export interface ModelPackage {
  readonly name: string;
  readonly packageDir: string;
  readonly manifest: Manifest;
  /** SHA-256 of each file, by its name. */
  readonly hashes: Readonly<Record<string, string>>;
}
