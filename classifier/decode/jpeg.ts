import { unsupported } from './refusals.ts';

/** How a picture is coded, by the last byte of its frame's marker (ITU-T T.81, table B.1). */
const FRAMES: Readonly<Record<number, string | null>> = {
  192: null,
  193: null,
  194: null,
  195: null,
  197: 'hierarchical JPEG',
  198: 'hierarchical JPEG',
  199: 'hierarchical lossless JPEG',
  201: null,
  202: null,
  203: 'lossless arithmetic JPEG',
  205: 'hierarchical arithmetic JPEG',
  206: 'hierarchical arithmetic JPEG',
  207: 'hierarchical lossless JPEG',
  247: 'JPEG-LS',
};

const FIRST_MARKER = 0xc0;
/** The markers from this one up to the end of the image have no length. */
const FIRST_ALONE = 0xd0;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
const BITS = 8;
const CURE = 'a JPEG of 8 bits or to PNG';

/** A frame's marker, and the bits of its samples. */
interface Frame {
  readonly marker: number;
  readonly bits: number;
}

/**
 * Refuses kinds of JPEG that libjpeg takes for damaged: more than 8 bits, hierarchical ones and
 * JPEG-LS.
 * @throws {UnsupportedFormatError}
 */
export function checkJpeg(bytes: Uint8Array): void {
  const frame = findFrame(bytes);
  if (!frame) return;
  const kind = FRAMES[frame.marker];
  if (kind) throw unsupported('jpeg', kind, CURE);
  if (frame.bits !== BITS) throw unsupported('jpeg', `coded with ${frame.bits} bits`, CURE);
}

/**
 * Walks through the segments up to the frame's header. Returns undefined where the data comes
 * first.
 */
function findFrame(bytes: Uint8Array): Frame | undefined {
  let at = 2;
  while (at + 4 < bytes.length) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker < FIRST_MARKER || marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) return undefined;
    if (marker in FRAMES) return { marker, bits: bytes[at + 4] ?? BITS };
    const isAlone = marker >= FIRST_ALONE && marker < END_OF_IMAGE;
    at += isAlone ? 2 : 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);
  }
  return undefined;
}
