import { basename } from 'node:path';
import type { Manifest } from '../../classifier/manifest.ts';
import { ZOO } from './zoo.ts';

/** Facts about a model that its weights do not contain. Accuracies are percent or null. */
export type Release = Pick<
  Manifest,
  'supervision' | 'publishedTop1' | 'publishedTop5' | 'measuredTop1' | 'measuredTop5' | 'license' | 'knows'
>;

export interface OriginOptions extends Partial<Release> {
  readonly checkpoint: string;
  readonly source?: { readonly url: string | null } | undefined;
}

/**
 * Returns the manifest's facts about the weights' origin: the given ones, and for a released
 * checkpoint the zoo's where none is given.
 * @param sha256 the SHA-256 of the checkpoint; it alone decides whether this is a released one
 */
export function describeOrigin(options: OriginOptions, sha256: string, onWarning: (text: string) => void) {
  const { checkpoint, source, knows, ...given } = options;
  const model = ZOO.find(({ sha256Prefix }) => sha256.startsWith(sha256Prefix));
  const promised = ZOO.find(({ fileName }) => fileName === basename(checkpoint));
  if (promised && promised !== model) {
    onWarning(
      `${checkpoint} has the file name of the released model ${promised.name}, but it is another file: its SHA-256 is ${sha256} and should start with ${promised.sha256Prefix}.`,
    );
  }
  return {
    supervision: given.supervision ?? model?.supervision ?? null,
    publishedTop1: given.publishedTop1 ?? model?.publishedTop1 ?? null,
    publishedTop5: given.publishedTop5 ?? model?.publishedTop5 ?? null,
    measuredTop1: given.measuredTop1 ?? model?.measuredTop1 ?? null,
    measuredTop5: given.measuredTop5 ?? model?.measuredTop5 ?? null,
    license: given.license ?? model?.license ?? null,
    ...(knows === undefined ? {} : { knows }),
    source: { url: source?.url ?? model?.url ?? null, sha256 },
  } satisfies Partial<Manifest>;
}
