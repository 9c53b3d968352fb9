/** Bits of a coefficient that are sent one by one: the first scan sends the highest. */
const HIGHEST_BIT = 13;
/** A code of one bit, then 14 bits that say for how many more blocks nothing comes (EOB14). */
const END_OF_BAND = 0xe0;
const [BLOCKS_A_RUN, BITS_A_RUN] = [16_384, 15];

/**
 * Writes a grey progressive JPEG in the most scans that the standard permits: 14 for the brightness
 * of the blocks, and 14 for each of the 63 other coefficients (ITU-T T.81, G.1). A scan has hardly
 * any bytes, and a decoder goes through all blocks for it.
 */
export function progressiveJpeg(width: number, height: number): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const brightness = Buffer.alloc(Math.ceil(blocks / 8));
  const nothing = Buffer.alloc(Math.ceil((Math.ceil(blocks / BLOCKS_A_RUN) * BITS_A_RUN) / 8) + 1);
  const parts = [
    Buffer.of(0xff, 0xd8),
    segment(0xdb, [0, ...Array(64).fill(1)]),
    segment(0xc2, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
    segment(0xc4, [0, 1, ...Array(15).fill(0), 0]),
    segment(0xc4, [0x10, 1, ...Array(15).fill(0), END_OF_BAND]),
  ];
  for (let bit = HIGHEST_BIT; bit >= 0; bit -= 1) {
    const before = bit === HIGHEST_BIT ? 0 : bit + 1;
    parts.push(scan(0, before, bit), brightness);
  }
  for (let bit = HIGHEST_BIT; bit >= 0; bit -= 1) {
    const before = bit === HIGHEST_BIT ? 0 : bit + 1;
    for (let coefficient = 1; coefficient < 64; coefficient += 1) parts.push(scan(coefficient, before, bit), nothing);
  }
  return Buffer.concat([...parts, Buffer.of(0xff, 0xd9)]);
}

function scan(coefficient: number, before: number, bit: number): Buffer {
  return segment(0xda, [1, 1, 0, coefficient, coefficient, (before << 4) | bit]);
}

function segment(marker: number, data: readonly number[]): Buffer {
  return Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255, ...data]);
}
