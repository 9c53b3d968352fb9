import type { SelectedClass } from './teacher-selection.ts';

/** A selected image under one of its classes. */
export interface ManifestEntry {
  /** A path as `classify` was given it, or `s3://BUCKET/KEY`, as it is: nothing is encoded. */
  readonly uri: string;
  /** The class's label. */
  readonly class: string;
  /** WordNet id, where the labels are ImageNet's. */
  readonly wnid: string | null;
  /** The class in the model's output, for the trainer. */
  readonly index: number;
  /** Within the class; 1 is the one of the highest score. */
  readonly rank: number;
  /** Softmax over all classes, 0 to 1. */
  readonly score: number;
}

/** Yields all selected images: class by class, by index, and in each the highest score first. */
export function* manifestEntries(classes: readonly SelectedClass[]): Generator<ManifestEntry> {
  for (const selected of classes) {
    for (let rank = 1; rank <= selected.top.size; rank += 1) yield entryOf(selected, rank);
  }
}

/** Returns one image of a class. */
export function entryOf({ label, wnid, index, top }: SelectedClass, rank: number): ManifestEntry {
  const { uri, score } = top.at(rank);
  return { uri, class: label, wnid, index, rank, score };
}
