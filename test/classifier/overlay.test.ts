import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import type { Preprocessing } from '../../classifier/manifest.ts';
import { drawOverlay, type Overlay } from '../../classifier/overlay.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

const PREPROCESSING: Preprocessing = {
  resize: 256,
  crop: 224,
  interpolation: 'bilinear',
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

/**
 * Returns a map in which only the place at (row, column) speaks for the class, and the place beside
 * it speaks against it.
 */
function spot(row: number, column: number): Float32Array {
  const map = new Float32Array(49);
  map[row * 7 + column] = 3;
  map[row * 7 + column + 1] = -1;
  return map;
}

async function pixelsOf({ png, width, height }: Overlay) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([width, height, 4]);
  return (across: number, down: number) => {
    const at = (Math.round(down) * width + Math.round(across)) * 4;
    return { red: data[at] ?? -1, alpha: data[at + 3] ?? -1 };
  };
}

test("the overlay has the image's proportions, and the region is the part that the crop shows", async () => {
  const overlay = await drawOverlay(spot(3, 3), { width: 512, height: 1024 }, PREPROCESSING);

  expect([overlay.width, overlay.height]).toEqual([128, 256]);
  // After resizing it has 256 x 512 pixels; the crop of 224 is 16 from the left and 144 from the
  // top.
  expect(overlay.region).toEqual({ left: 32, top: 288, width: 448, height: 448 });
});

test('it is opaque where the class was seen, and transparent everywhere else', async () => {
  const overlay = await drawOverlay(spot(3, 2), { width: 256, height: 256 }, PREPROCESSING);
  const at = await pixelsOf(overlay);
  const centre = (place: number) => 8 + (112 / 7) * (place + 0.5);

  expect(at(centre(2), centre(3)).alpha).toBeGreaterThan(180);
  expect(at(centre(2), centre(3)).red).toBeGreaterThan(200);
  expect(at(centre(3), centre(3)).alpha).toBe(0);
  expect(at(centre(5), centre(5)).alpha).toBe(0);
  expect(at(2, 2).alpha).toBe(0);
});

test('a map without a positive value is completely transparent', async () => {
  const overlay = await drawOverlay(new Float32Array(49).fill(-1), { width: 300, height: 300 }, PREPROCESSING);
  const { channels } = await sharp(overlay.png).stats();

  expect(channels.map(({ max }) => max)).toEqual([0, 0, 0, 0]);
});

test.each([
  [1, 100_000],
  [100_000, 1],
  [1, 1],
  [3, 2],
  [12_000, 9_000],
])('a picture of %d x %d has an overlay of bounded size, with its crop inside', async (width, height) => {
  const overlay = await drawOverlay(spot(3, 3), { width, height }, PREPROCESSING);
  const { left, top, width: across, height: down } = overlay.region;

  expect(Math.max(overlay.width, overlay.height)).toBeLessThanOrEqual(1024);
  expect(Math.min(overlay.width, overlay.height)).toBeGreaterThanOrEqual(1);
  expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
  expect(left + across).toBeLessThanOrEqual(width * 1.0001);
  expect(top + down).toBeLessThanOrEqual(height * 1.0001);
  await pixelsOf(overlay);
});
