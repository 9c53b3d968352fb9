import fc from 'fast-check';
import { detectFormat } from '../../../functions/classifier/format.ts';
import { ImageError, NotAnImageError } from '../../../functions/errors.ts';

test.each([
  ['jpeg', '\xff\xd8\xff\xe0'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['gif', 'GIF87a'],
  ['gif', 'GIF89a'],
  ['webp', 'RIFF\0\0\0\0WEBP'],
  ['tiff', 'II*\0'],
  ['tiff', 'MM\0*'],
  ['avif', '\0\0\0\x1cftypavif\0\0\0\0avifmif1'],
  ['avif', '\0\0\0\x1cftypmif1\0\0\0\0mif1avif'],
])('%s', (format, start) => {
  expect(detectFormat(Buffer.from(start, 'latin1'))).toBe(format);
});

test('a prefix of a signature is not that format', () => {
  expect(() => detectFormat(Buffer.from('\x89PNG', 'latin1'))).toThrow(NotAnImageError);
});

test('a RIFF file that is no WebP is named', () => {
  expect(() => detectFormat(Buffer.from('RIFF\0\0\0\0AVI LIST'))).toThrow('AVI video');
});

test('bytes of any kind give a format or an image error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        expect(typeof detectFormat(bytes)).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
      }
    }),
    { seed: 4, numRuns: 500 },
  );
});
