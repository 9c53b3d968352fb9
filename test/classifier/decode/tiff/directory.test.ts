import { readDirectory, withoutOtherDirectories } from '../../../../classifier/decode/tiff/directory.ts';
import { GREY } from './drawn-tiff.ts';
import { writeTiff } from './write-tiff.ts';

test.each([
  ['TIFF', {}],
  ['big-endian TIFF', { bigEndian: true }],
  ['BigTIFF', { bigTiff: true }],
])(
  '%s: only the first of several pictures can be reached, and the file that was given stays as it is',
  (_kind, how) => {
    const bytes = writeTiff({ width: 4, height: 3, bits: 8, samples: 1, photometric: GREY, ...how }, () => 7);
    const alone = readDirectory(bytes);
    const chain = Buffer.from(bytes);
    chain[alone.nextAt + 1] = 16;
    const before = Buffer.from(chain);

    expect(withoutOtherDirectories(alone)).toBe(bytes);
    expect(Buffer.from(withoutOtherDirectories(readDirectory(chain)))).toEqual(bytes);
    expect(chain).toEqual(before);
  },
);
