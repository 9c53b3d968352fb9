import { viewOf } from './directory.ts';
import { EXTRA, PHOTOMETRIC, TAG } from './tags.ts';

/** What a plain TIFF holds: 8-bit samples without compression. */
export interface PlainPicture {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 CMYK. */
  readonly channels: 1 | 3 | 4;
  /** Whether a byte of transparency follows each pixel's colours. */
  readonly hasAlpha: boolean;
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number;
  readonly profile: Uint8Array | undefined;
}

/** A TIFF, and where in it the pixels go: uint8 [height, width, channels and alpha]. */
export interface PlainTiff {
  readonly bytes: Uint8Array;
  readonly pixels: Uint8ClampedArray;
}

const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
const [SHORT, LONG, UNDEFINED] = [3, 4, 7];
const PHOTOMETRICS = { 1: PHOTOMETRIC.blackIsZero, 3: PHOTOMETRIC.rgb, 4: PHOTOMETRIC.separated } as const;

/** Makes a TIFF that is complete but for its pixels, which are still 0. */
export function plainTiff({ width, height, channels, hasAlpha, orientation, profile }: PlainPicture): PlainTiff {
  const samples = channels + (hasAlpha ? 1 : 0);
  const length = width * height * samples;
  const bitsAt = HEADER_BYTES;
  const profileAt = bitsAt + 2 * samples + ((2 * samples) % 4);
  const profileBytes = profile?.length ?? 0;
  const pixelsAt = profileAt + profileBytes + (profileBytes % 2);
  const directoryAt = pixelsAt + length + (length % 2);
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [TAG.imageWidth, LONG, 1, width],
    [TAG.imageLength, LONG, 1, height],
    [TAG.bitsPerSample, SHORT, samples, samples <= 2 ? 0x0008_0008 : bitsAt],
    [TAG.compression, LONG, 1, 1],
    [TAG.photometric, LONG, 1, PHOTOMETRICS[channels]],
    [TAG.stripOffsets, LONG, 1, pixelsAt],
    [TAG.orientation, LONG, 1, orientation],
    [TAG.samplesPerPixel, LONG, 1, samples],
    [TAG.rowsPerStrip, LONG, 1, height],
    [TAG.stripByteCounts, LONG, 1, length],
  ];
  if (hasAlpha) entries.push([TAG.extraSamples, LONG, 1, EXTRA.alpha]);
  if (profile) entries.push([TAG.iccProfile, UNDEFINED, profile.length, profileAt]);

  const bytes = new Uint8Array(directoryAt + 2 + entries.length * ENTRY_BYTES + 4);
  const view = viewOf(bytes);
  bytes.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, directoryAt, true);
  for (let sample = 0; sample < samples; sample += 1) view.setUint16(bitsAt + 2 * sample, 8, true);
  if (profile) bytes.set(profile, profileAt);
  view.setUint16(directoryAt, entries.length, true);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = directoryAt + 2 + index * ENTRY_BYTES;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    view.setUint32(at + 8, value, true);
  }
  return { bytes, pixels: new Uint8ClampedArray(bytes.buffer, pixelsAt, length) };
}
