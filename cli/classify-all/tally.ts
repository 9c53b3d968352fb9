import { type LeftOut, leftOutText } from '../find-images.ts';
import { numberText } from '../number-text.ts';
import { RateBar } from '../progress-bar.ts';
import { oneLine } from '../report-error.ts';
import { NothingReadableError, WorkerError } from './errors.ts';
import type { Outcome } from './workers.ts';

/** A service or a disk that fails so often in a row will fail for the rest, too. */
export const MOST_UNREAD_IN_A_ROW = 100;

/** Workers that die so often in a row die of something else than the images. */
export const MOST_CRASHES_IN_A_ROW = 10;

/** Counts what came of the images, and tells it on standard error. */
export class Tally {
  readonly #bar = new RateBar('classify', 'images');
  readonly #total: () => number | null;
  #classified = 0;
  /** They have a line that says so. */
  #refused = 0;
  /** They have no line, and the next run tries them again. */
  #unread = 0;
  #unreadInARow = 0;
  #crashesInARow = 0;
  #had = 0;

  /** @param total how many images there are; null while that is not known */
  constructor(total: () => number | null) {
    this.#total = total;
  }

  /** Counts an image that had a line before. */
  skip(): void {
    this.#had += 1;
  }

  /**
   * @throws {NothingReadableError} when too many images in a row could not be read
   * @throws {WorkerError} when workers died at too many images in a row
   */
  add(uri: string, outcome: Outcome): void {
    if (outcome.kind === 'unread') this.#unread += 1;
    else if (outcome.fault === null) this.#classified += 1;
    else this.#refused += 1;
    if (outcome.fault !== null) this.fail(uri, outcome.fault);
    this.#unreadInARow = outcome.kind === 'unread' ? this.#unreadInARow + 1 : 0;
    if (this.#unreadInARow >= MOST_UNREAD_IN_A_ROW) throw new NothingReadableError(this.#unreadInARow);
    this.#crashesInARow = outcome.kind === 'crashed' ? this.#crashesInARow + 1 : 0;
    if (this.#crashesInARow >= MOST_CRASHES_IN_A_ROW) {
      throw new WorkerError(
        `the worker processes ended unexpectedly at ${this.#crashesInARow} images in a row. Check the free memory and the model (npx autoswiftnet models verify). Then remove the lines with the code image-crash, and run the same command again.`,
      );
    }
    this.#bar.update({
      done: this.#classified + this.#refused + this.#unread,
      before: this.#had,
      total: this.#total(),
    });
  }

  /** Names something that failed. */
  fail(uri: string, fault: string): void {
    this.#bar.stop();
    process.stderr.write(`${oneLine(uri)}: ${oneLine(fault)}\n`);
    process.exitCode = 1;
  }

  stop(): void {
    this.#bar.stop();
  }

  /**
   * Says what the run did.
   * @example 4,990 images classified, 10 are no images (their lines say why); 3 had lines before
   */
  summary(leftOut: LeftOut): string {
    const left = leftOutText(leftOut);
    return [
      `${numberText(this.#classified)} images classified`,
      ...(this.#refused > 0 ? [`${numberText(this.#refused)} cannot be classified (their lines say why)`] : []),
      ...(this.#unread > 0
        ? [`${numberText(this.#unread)} could not be read (run the same command again for them)`]
        : []),
      ...(this.#had > 0 ? [`${numberText(this.#had)} had lines before`] : []),
      ...(left !== '' ? [`left out ${left}`] : []),
    ].join('; ');
  }
}
