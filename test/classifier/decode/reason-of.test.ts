import { reasonOf } from '../../../classifier/decode/reason-of.ts';

test.each([
  [
    'a warning comes first',
    'VipsJpeg: Warning: unknown JFIF revision number 9.09\nVipsJpeg: premature end of JPEG image',
    'premature end of JPEG image',
  ],
  [
    'a consequence of the end comes last',
    'Input buffer has corrupt header: VipsJpeg: premature end of JPEG image\nVipsJpeg: Bogus DQT index 5',
    'premature end of JPEG image',
  ],
  [
    'failed searches come first, and the rest of a line last',
    'source: bad seek to 1024\nheif: Invalid input: Unexpected end of file: Extent in iloc box\n (2.100)',
    'Invalid input: Unexpected end of file: Extent in iloc box',
  ],
  [
    'an error that says nothing follows',
    'tiff2vips: Decoding error at scanline 3\ntiff2vips: read error',
    'Decoding error at scanline 3',
  ],
  [
    'the message repeats itself',
    'gifload_buffer: Invalid frame data\ngifload_buffer: Invalid frame data',
    'Invalid frame data',
  ],
])('%s', (_title, message, reason) => {
  expect(reasonOf(new Error(message))).toBe(reason);
});

test.each(['Unknown error', 'vipspng: libpng read error', '', 'VipsJpeg: Warning: odd'])(
  '"%s" names no cause',
  (message) => {
    expect(reasonOf(new Error(message))).toBeUndefined();
  },
);
