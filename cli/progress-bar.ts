import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from '../models/download/download.ts';

const MEGABYTE = 1_000_000;

/**
 * Draws the progress of a download on standard error if that is a terminal, and nothing otherwise.
 */
export class ProgressBar {
  readonly #name: string;
  #bar: SingleBar | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  readonly update = ({ receivedBytes, totalBytes }: Progress): void => {
    if (!process.stderr.isTTY) return;
    const total = totalBytes ?? receivedBytes;
    if (!this.#bar) {
      this.#bar = new SingleBar(
        {
          format: `${this.#name} {bar} {percentage}% {received} of {total_} {eta_formatted}`,
          stream: process.stderr,
        },
        Presets.shades_classic,
      );
      this.#bar.start(total, receivedBytes, labels(receivedBytes, total));
    }
    this.#bar.setTotal(total);
    this.#bar.update(receivedBytes, labels(receivedBytes, total));
  };

  readonly stop = (): void => {
    this.#bar?.stop();
    this.#bar = undefined;
  };
}

/** Draws a count on standard error if that is a terminal, and nothing otherwise. */
export class CountBar {
  readonly #title: string;
  readonly #unit: string;
  #bar: SingleBar | undefined;

  constructor(title: string, unit: string) {
    this.#title = title;
    this.#unit = unit;
  }

  readonly update = (done: number, total: number): void => {
    if (!process.stderr.isTTY) return;
    if (!this.#bar) {
      const format = `${this.#title} {bar} {value} of {total} ${this.#unit}, {eta_formatted} left`;
      this.#bar = new SingleBar({ format, stream: process.stderr }, Presets.shades_classic);
      this.#bar.start(total, done);
    }
    this.#bar.update(done);
  };

  readonly stop = (): void => {
    this.#bar?.stop();
    this.#bar = undefined;
  };
}

/** Formats a size as `102 MB`, with one decimal below 10 MB. */
export function megabytes(bytes: number): string {
  const amount = bytes / MEGABYTE;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} MB`;
}

function labels(receivedBytes: number, totalBytes: number): { received: string; total_: string } {
  return { received: megabytes(receivedBytes), total_: megabytes(totalBytes) };
}
