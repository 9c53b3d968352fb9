import { type Colours, coloursOf } from './colours.ts';
import { bytesOf, type Directory, numberOf } from './directory.ts';
import type { Layout } from './layout.ts';
import { type PlainTiff, plainTiff } from './plain.ts';
import type { Plane } from './plane.ts';
import { type SampleRange, sampleRangeOf } from './sample-range.ts';
import { type ReadRow, rowReader } from './samples.ts';
import { readSubsampled } from './subsampled.ts';
import { EXTRA, PHOTOMETRIC, TAG } from './tags.ts';
import { subsamplingOf, unpackPlanes } from './unpack.ts';

/**
 * Decodes a picture of any depth, number of samples and colour kind to one that libvips shows as
 * meant: 8-bit grey, RGB or CMYK, with its transparency, profile and orientation.
 * @throws {ImageError} as UnsupportedFormatError or TruncatedImageError
 */
export async function convertTiff(directory: Directory, layout: Layout): Promise<Uint8Array<ArrayBuffer>> {
  const colours = coloursOf(directory, layout);
  const planes = await unpackPlanes(directory, layout);
  const readRow = rowReaderOf(planes, directory, layout);
  const range = sampleRangeOf(layout, readRow);
  const isLab = layout.photometric === PHOTOMETRIC.cieLab || layout.photometric === PHOTOMETRIC.iccLab;
  const alpha = alphaOf(layout);
  const plain = plainTiff({
    width: layout.width,
    height: layout.height,
    channels: colours.channels,
    hasAlpha: alpha !== undefined,
    orientation: numberOf(directory, TAG.orientation, 1),
    // L*a*b* was already converted to sRGB.
    profile: isLab ? undefined : bytesOf(directory, TAG.iccProfile),
  });
  writePixels(plain, layout, colours, { readRow, range, alpha });
  return plain.bytes;
}

/** Which sample is the transparency, and whether the colours are already multiplied by it. */
interface Alpha {
  readonly sample: number;
  readonly isAssociated: boolean;
}

function alphaOf({ extras = [], colours }: Layout): Alpha | undefined {
  const index = extras.findIndex((extra) => extra === EXTRA.alpha || extra === EXTRA.associatedAlpha);
  return index < 0 ? undefined : { sample: colours + index, isAssociated: extras[index] === EXTRA.associatedAlpha };
}

function rowReaderOf(planes: readonly Plane[], { littleEndian }: Directory, layout: Layout): ReadRow {
  const [across, down] = subsamplingOf(layout);
  const [plane] = planes;
  return plane && across * down > 1 ? readSubsampled(plane, layout) : rowReader(planes, layout, littleEndian);
}

function writePixels(
  { pixels }: PlainTiff,
  { width, height, samples, colours: colourSamples }: Layout,
  { channels, write }: Colours,
  { readRow, range: { low, high }, alpha }: { readRow: ReadRow; range: SampleRange; alpha: Alpha | undefined },
): void {
  const row = new Float64Array(width * samples);
  const scale = 255 / (high - low);
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    readRow(y, row);
    for (let from = 0; from < row.length; from += samples) {
      for (let at = from; at < from + samples; at += 1) row[at] = ((row[at] ?? 0) - low) * scale;
      const opacity = alpha ? (row[from + alpha.sample] ?? 0) : 255;
      if (alpha?.isAssociated && opacity > 0) {
        for (let at = from; at < from + colourSamples; at += 1) row[at] = ((row[at] ?? 0) * 255) / opacity;
      }
      write(row, from, pixels, to);
      to += channels;
      if (alpha) {
        pixels[to] = opacity;
        to += 1;
      }
    }
  }
}
