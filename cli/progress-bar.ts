import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from '../models/download/download.ts';
import { duration } from './duration.ts';
import { oneLine } from './report-error.ts';

/** Where progress is shown: standard error, or what a test puts in its place. */
export type Screen = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;

const MEGABYTE = 1_000_000;

/**
 * Time between two lines where there is no terminal: often enough that a log shows that the work
 * goes on, and rarely enough that it stays readable.
 */
export const LINE_INTERVAL_MS = 5_000;

/**
 * Shows the progress of a download: a bar on a terminal, and otherwise a line every five seconds.
 */
export class ProgressBar {
  readonly #meter: Meter;

  constructor(name: string, screen?: Screen) {
    this.#meter = new Meter(name, '{percentage}% {text} {eta_formatted}', screen);
  }

  readonly update = ({ receivedBytes, totalBytes }: Progress): void => {
    const total = totalBytes ?? receivedBytes;
    const text = totalBytes === null ? megabytes(receivedBytes) : `${megabytes(receivedBytes)} of ${megabytes(total)}`;
    this.#meter.show(receivedBytes, total, text);
  };

  readonly stop = (): void => this.#meter.stop();
}

/** Shows a count: a bar on a terminal, and otherwise a line every five seconds. */
export class CountBar {
  readonly #meter: Meter;
  readonly #unit: string;

  constructor(title: string, unit: string, screen?: Screen) {
    this.#meter = new Meter(title, '{text}, {eta_formatted} left', screen);
    this.#unit = unit;
  }

  readonly update = (done: number, total: number): void =>
    this.#meter.show(done, total, `${done} of ${total} ${this.#unit}`);

  readonly stop = (): void => this.#meter.stop();
}

/** How far long work is. */
export interface Pace {
  /** What this run has done. */
  readonly done: number;
  /** What was done before this run. */
  readonly before: number;
  /** Null while it is not known. */
  readonly total: number | null;
  /** What else to say, after the time left. */
  readonly note?: string;
}

/**
 * Shows a count with the rate and the time left: a bar on a terminal, and otherwise a line every
 * five seconds.
 */
export class RateBar {
  readonly #meter: Meter;
  readonly #unit: string;
  readonly #startedAt = performance.now();

  constructor(title: string, unit: string, screen?: Screen) {
    this.#meter = new Meter(title, '{text}', screen);
    this.#unit = unit;
  }

  readonly update = (pace: Pace): void => {
    const { done, before, total } = pace;
    this.#meter.show(before + done, total ?? before + done, this.#textOf(pace));
  };

  readonly stop = (): void => this.#meter.stop();

  #textOf({ done, before, total, note }: Pace): string {
    const more = note === undefined ? '' : `, ${note}`;
    const perSecond = (done / Math.max(1, performance.now() - this.#startedAt)) * 1000;
    const rate = `${perSecond.toFixed(perSecond < 100 ? 1 : 0)} per second`;
    if (total === null) return `${before + done} ${this.#unit}, ${rate}${more}`;
    const secondsLeft = Math.max(0, total - before - done) / perSecond;
    const left = Number.isFinite(secondsLeft) ? `, ${duration(secondsLeft)} left` : '';
    return `${before + done} of ${total} ${this.#unit}, ${rate}${left}${more}`;
  }
}

class Meter {
  readonly #title: string;
  readonly #format: string;
  readonly #screen: Screen;
  #bar: SingleBar | undefined;
  #lastLineAt = performance.now();

  constructor(title: string, format: string, screen: Screen = process.stderr) {
    this.#title = oneLine(title);
    this.#format = `${this.#title} {bar} ${format}`;
    this.#screen = screen;
  }

  show(done: number, total: number, text: string): void {
    if (this.#screen.isTTY) this.#draw(done, total, text);
    else this.#writeLine(text);
  }

  readonly stop = (): void => {
    this.#bar?.stop();
    this.#bar = undefined;
    process.off('exit', this.stop);
  };

  #draw(done: number, total: number, text: string): void {
    if (!this.#bar) {
      this.#bar = new SingleBar({ format: this.#format, stream: process.stderr }, Presets.shades_classic);
      this.#bar.start(total, done, { text });
      // The bar turned off the terminal's line wrapping. Ctrl-C must not leave it so.
      process.once('exit', this.stop);
    }
    this.#bar.setTotal(total);
    this.#bar.update(done, { text });
  }

  #writeLine(text: string): void {
    const now = performance.now();
    if (now - this.#lastLineAt < LINE_INTERVAL_MS) return;
    this.#lastLineAt = now;
    this.#screen.write(`${this.#title}: ${text}\n`);
  }
}

/** Formats a size as `102 MB`, with one decimal below 10 MB. */
export function megabytes(bytes: number): string {
  const amount = bytes / MEGABYTE;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} MB`;
}
