import type { Layout } from './layout.ts';
import type { ReadRow } from './samples.ts';
import { SAMPLE_FORMAT } from './tags.ts';

/** The samples that become 0 and 255. */
export interface SampleRange {
  readonly low: number;
  readonly high: number;
}

/** Up to this depth whole numbers use their whole range, as in every other format. */
const MAX_FULL_RANGE_BITS = 16;

/**
 * Decides which samples become black and white. Whole numbers of up to 16 bits use their whole
 * range. Floating-point, signed and longer numbers have no range that all programs agree on:
 *
 * - if all samples lie within a usual range (0 to 1 for floating point; 0 to 255; 0 to 65,535; what
 *   the type holds) and the largest reaches its upper half, it is the first of these;
 * - otherwise it reaches from the picture's smallest to its largest sample.
 *
 * Infinities and what is not a number do not count.
 */
export function sampleRangeOf(layout: Layout, readRow: ReadRow): SampleRange {
  const { bits, sampleFormat } = layout;
  if (sampleFormat !== SAMPLE_FORMAT.float && sampleFormat !== SAMPLE_FORMAT.signed && bits <= MAX_FULL_RANGE_BITS) {
    return { low: 0, high: 2 ** bits - 1 };
  }
  const found = smallestAndLargest(layout, readRow);
  const usual = usualRanges(layout).find(({ low, high }) => low <= found.low && found.high <= high);
  if (usual && isUsed(usual, found)) return usual;
  return found.low < found.high ? found : { low: found.low - 1, high: found.low + 1 };
}

function usualRanges({ bits, sampleFormat }: Layout): SampleRange[] {
  const upTo = (high: number): SampleRange => ({ low: 0, high });
  if (sampleFormat === SAMPLE_FORMAT.float) return [upTo(1), upTo(255), upTo(65_535)];
  const shorter = [upTo(255), upTo(65_535)].filter(({ high }) => high < 2 ** (bits - 1));
  if (sampleFormat !== SAMPLE_FORMAT.signed) return [...shorter, upTo(2 ** bits - 1)];
  const half = 2 ** (bits - 1);
  return [...shorter, upTo(half - 1), { low: -half, high: half - 1 }];
}

/**
 * Whether the samples reach a range's upper half and, where it begins below 0, its lowest quarter.
 */
function isUsed({ low, high }: SampleRange, found: SampleRange): boolean {
  const reachesUp = found.high >= low + (high - low) / 2;
  return reachesUp && (low === 0 || found.low <= low + (high - low) / 4);
}

function smallestAndLargest({ width, height, samples, colours }: Layout, readRow: ReadRow): SampleRange {
  const row = new Float64Array(width * samples);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let y = 0; y < height; y += 1) {
    readRow(y, row);
    for (let pixel = 0; pixel < row.length; pixel += samples) {
      for (let at = pixel; at < pixel + colours; at += 1) {
        const value = row[at] ?? 0;
        if (value < low && value !== Number.NEGATIVE_INFINITY) low = value;
        if (value > high && value !== Number.POSITIVE_INFINITY) high = value;
      }
    }
  }
  return low <= high ? { low, high } : { low: 0, high: 1 };
}
