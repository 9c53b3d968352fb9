import { readHierarchy } from '../../classifier/concepts/read-hierarchy.ts';
import { HIERARCHY_FILE, type Manifest } from '../../classifier/manifest.ts';
import { toVocabulary, type Vocabulary } from './vocabulary.ts';

/** A model package on this machine. */
export interface PackagePlace {
  readonly packageDir: string;
  readonly manifest: Pick<Manifest, 'files' | 'labels'>;
}

/**
 * Reads the vocabularies of some models. Models with the same classes and the same hierarchy share
 * one.
 * @throws {InvalidPackageError} when a package's hierarchy cannot be read
 */
export async function readVocabularies(packages: readonly PackagePlace[]): Promise<readonly Vocabulary[]> {
  const different = new Map(packages.toReversed().map((one) => [identity(one), one]));
  const reading = [...different.values()].toReversed().map(async ({ packageDir, manifest }) => {
    const hierarchy = await readHierarchy(packageDir, manifest);
    return toVocabulary(manifest.labels, hierarchy?.() ?? null);
  });
  return Promise.all(reading);
}

function identity({ manifest: { files, labels } }: PackagePlace): string {
  return JSON.stringify([files[HIERARCHY_FILE]?.sha256, labels]);
}
