import { readDirectory } from '../../../../classifier/decode/tiff/directory.ts';
import { readLayout } from '../../../../classifier/decode/tiff/layout.ts';
import { rowReader } from '../../../../classifier/decode/tiff/samples.ts';
import { GREY } from './drawn-tiff.ts';
import { writeTiff } from './write-tiff.ts';

/** More bits than a signed number of 32 bits counts. */
const ROWS = 8_659_210;
const PLANE_BYTES = 31 * ROWS;

test('packed samples of a plane of more than 268 MB are read to the last', () => {
  const bytes = writeTiff({ width: 8, height: 1, bits: 31, samples: 1, photometric: GREY }, () => 0);
  const layout = readLayout(readDirectory(bytes));
  const plane = { bytes: new Uint8Array(PLANE_BYTES), rowBytes: 31, chunkHeight: 1e9, across: 1 };
  plane.bytes.fill(255, -4);
  const row = new Float64Array(8);

  rowReader([plane], layout, true)(ROWS - 1, row);

  expect([...row]).toEqual([0, 0, 0, 0, 0, 0, 1, 2 ** 31 - 1]);
});
