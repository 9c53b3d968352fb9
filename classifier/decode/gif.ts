import type { Region } from './fit.ts';
import { type DecodeLimits, requirePixels } from './limits.ts';
import { openWithSharp } from './open-with-sharp.ts';
import { damaged } from './refusals.ts';
import type { Source } from './source.ts';

const HEADER_BYTES = 13;
const DESCRIPTOR_BYTES = 10;
const [EXTENSION, DESCRIPTOR, TRAILER, GRAPHIC_CONTROL] = [0x21, 0x2c, 0x3b, 0xf9];
const WHITE = 255;

interface FirstFrame extends Region {
  readonly isTransparent: boolean;
  /** Where the next block begins; undefined where the file ends within the frame. */
  readonly end: number | undefined;
}

/**
 * Leaves out all frames but the first, because libvips reads every one of them: 3 million took 5 s.
 * Makes what the first frame leaves uncovered white, as a transparent picture's background is.
 * libvips leaves it black.
 * @throws {ImageError}
 */
export async function readGif(
  given: Uint8Array,
  { maxPixels }: Pick<Required<DecodeLimits>, 'maxPixels'>,
): Promise<Source> {
  const file = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const frame = file.length < HEADER_BYTES ? undefined : findFirstFrame(file);
  const bytes = frame?.end === undefined ? given : endAfter(file, frame.end);
  if (!frame || frame.isTransparent) return { bytes };
  const canvas = { width: file.readUInt16LE(6), height: file.readUInt16LE(8) };
  const covers = frame.left + frame.top === 0 && frame.width >= canvas.width && frame.height >= canvas.height;
  if (covers) return { bytes };
  requirePixels(canvas, maxPixels);
  const rethrow = (cause: unknown): never => {
    throw damaged('gif', cause);
  };
  // libvips makes the canvas as large as its frames reach: 1,401 bytes took 2 GB.
  requirePixels(await openWithSharp({ bytes }).metadata().catch(rethrow), maxPixels);
  const { data, info } = await openWithSharp({ bytes })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(rethrow);
  const size = { width: info.width, height: info.height };
  paintAround(data, size.width, frame);
  return { bytes: data, pixels: size };
}

/** Makes everything outside a frame white. */
function paintAround(pixels: Uint8Array, width: number, { left, top, width: across, height: down }: Region): void {
  const rowBytes = width * 3;
  const end = Math.min(width, left + across);
  for (let y = 0; y * rowBytes < pixels.length; y += 1) {
    const row = pixels.subarray(y * rowBytes, (y + 1) * rowBytes);
    if (y < top || y >= top + down || left >= width) row.fill(WHITE);
    else {
      row.fill(WHITE, 0, left * 3);
      row.fill(WHITE, end * 3);
    }
  }
}

/** Ends a file where its first frame ends. The file that was given stays as it is. */
function endAfter(file: Buffer, end: number): Uint8Array {
  if (end >= file.length || file[end] === TRAILER) return file;
  return Buffer.concat([file.subarray(0, end), Buffer.of(TRAILER)]);
}

/** Reads GIF89a's blocks up to the first frame; undefined where the file ends before it. */
function findFirstFrame(file: Buffer): FirstFrame | undefined {
  let at = HEADER_BYTES + colourTableBytes(file[10] ?? 0);
  let isTransparent = false;
  while (file[at] === EXTENSION) {
    if (file[at + 1] === GRAPHIC_CONTROL) isTransparent = ((file[at + 3] ?? 0) & 1) === 1;
    at = endOfBlocks(file, at + 2);
  }
  if (file[at] !== DESCRIPTOR || at + DESCRIPTOR_BYTES > file.length) return undefined;
  const short = (offset: number): number => file.readUInt16LE(at + offset);
  // The frame's own colours follow, and one byte that says how its pixels are compressed.
  const pixels = at + DESCRIPTOR_BYTES + colourTableBytes(file[at + 9] ?? 0) + 1;
  const end = endOfBlocks(file, pixels);
  return {
    left: short(1),
    top: short(3),
    width: short(5),
    height: short(7),
    isTransparent,
    end: end > file.length ? undefined : end,
  };
}

/** Where a chain of blocks ends: each begins with its length, and one of no bytes is the last. */
function endOfBlocks(file: Buffer, start: number): number {
  let at = start;
  for (let length = file[at] ?? 0; length > 0; length = file[at] ?? 0) at += 1 + length;
  return at + 1;
}

/** A table of colours follows the header, or a frame's descriptor, if its flag is set. */
function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}
