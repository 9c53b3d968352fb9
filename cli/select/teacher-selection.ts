import type { Prediction } from '../../functions/wire.ts';
import type { Answer } from '../json-lines/parse-answer.ts';
import { Candidate } from './candidate.ts';
import { ClassTop } from './class-top.ts';

export interface SelectionSize {
  /** K of the paper: how many images each class keeps, at least 1. */
  readonly perClass: number;
  /** P of the paper: of how many classes an image may be a candidate, at least 1. */
  readonly perImage: number;
}

/** A class of the model, with the images that were selected for it. */
export interface SelectedClass {
  readonly label: string;
  /** WordNet id, where the labels are ImageNet's. */
  readonly wnid: string | null;
  /** The class in the model's output. */
  readonly index: number;
  readonly top: ClassTop;
}

/** An answer is not by the model of the earlier ones. The caller says which line that is. */
export class MixedModelsError extends Error {}

/**
 * The teacher's selection of "Billion-scale semi-supervised learning for image classification",
 * section 3 (arXiv 1905.00546): each image is a candidate for the P classes of its highest scores,
 * and each class keeps its K candidates of the highest score. There is no threshold: a rare class
 * keeps what it has. Equal scores are ranked by the name's bytes in UTF-8, and the classes of one
 * image by their index.
 */
export class TeacherSelection {
  readonly #size: SelectionSize;
  readonly #classes = new Map<number, SelectedClass>();
  #model: string | undefined;

  constructor(size: SelectionSize) {
    this.#size = size;
  }

  /** @throws {MixedModelsError} when the scores cannot be compared with those of earlier answers */
  add({ uri, sha256, model, predictions }: Answer): void {
    this.#model ??= model;
    if (model !== this.#model) {
      throw new MixedModelsError(
        `the answer is by the model ${model}, and earlier ones are by ${this.#model}: scores of two models cannot be compared. Add --model with the name of one`,
      );
    }
    const candidate = new Candidate(uri, sha256);
    for (const prediction of highest(predictions, this.#size.perImage)) {
      this.#classOf(prediction).top.offer(prediction.probability, candidate);
    }
  }

  /** Returns the classes that have images, by index. Nothing can be added after that. */
  finish(): SelectedClass[] {
    const classes = [...this.#classes.values()].sort((one, other) => one.index - other.index);
    for (const { top } of classes) top.finish();
    return classes;
  }

  #classOf({ index, label, wnid }: Prediction): SelectedClass {
    const known = this.#classes.get(index);
    if (known === undefined) {
      const made = { label, wnid, index, top: new ClassTop(this.#size.perClass) };
      this.#classes.set(index, made);
      return made;
    }
    if (known.label === label && known.wnid === wnid) return known;
    throw new MixedModelsError(
      `class ${index} is "${label}" (${wnid ?? 'no WordNet id'}), and "${known.label}" (${known.wnid ?? 'no WordNet id'}) in earlier answers: they are by different models of one name`,
    );
  }
}

function highest(predictions: readonly Prediction[], count: number): readonly Prediction[] {
  if (predictions.length <= count) return predictions;
  return predictions
    .toSorted((one, other) => other.probability - one.probability || one.index - other.index)
    .slice(0, count);
}
