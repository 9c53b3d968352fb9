import { CountBar, type Screen } from './progress-bar.ts';
import { oneLine } from './report-error.ts';

/**
 * Shows the progress of work in several steps. On a terminal each step has a bar; otherwise each
 * step has a line at its start, and then one every five seconds.
 */
export class StepProgress {
  readonly #title: string;
  readonly #screen: Screen;
  #step = '';
  #bar: CountBar | undefined;

  /** @param title what is worked on */
  constructor(title: string, screen: Screen = process.stderr) {
    this.#title = title;
    this.#screen = screen;
  }

  readonly update = (step: string, done: number, total: number): void => {
    if (step !== this.#step) {
      this.stop();
      this.#step = step;
      if (!this.#screen.isTTY) this.#screen.write(`${oneLine(this.#title)}: ${step}, ${total} images\n`);
    }
    this.#bar ??= new CountBar(`${this.#title}: ${step}`, 'images', this.#screen);
    this.#bar.update(done, total);
  };

  readonly stop = (): void => {
    this.#bar?.stop();
    this.#bar = undefined;
  };
}
