import { messageOf } from '../message-of.ts';

/** What libvips and sharp put before the reason. */
const PREFIX =
  /^(Input (buffer|file) has corrupt header:\s*)?((vips\w*|tiff2vips|webp|heif|\w+load(_buffer|_source)?):\s*)?/i;

/** Lines that say nothing of the cause: warnings, failed searches, and remains of longer lines. */
const NO_REASON = /\bwarning\b|bad seek|^(lib\w+ )?read error$|^unknown error$|^\W*[\d.]*\W*$/i;

const ENDS_EARLY = /premature end|unexpected end|end of file/i;

/**
 * Returns the cause that libvips gives. Its message lists everything that it noticed, warnings
 * first, and repeats itself.
 * @returns undefined where the message names no cause
 */
export function reasonOf(cause: unknown): string | undefined {
  const lines = messageOf(cause)
    .split('\n')
    .map((line) => line.trim().replace(PREFIX, ''))
    .filter((line) => !NO_REASON.test(line));
  return lines.find((line) => ENDS_EARLY.test(line)) ?? lines.at(-1);
}
