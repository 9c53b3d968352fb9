import fc from 'fast-check';
import { detectFormat } from '../../../classifier/decode/format.ts';
import { ImageError, NotAnImageError, UnsupportedFormatError } from '../../../classifier/errors.ts';

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

test('the error names a RIFF file that is not WebP', () => {
  expect(() => detectFormat(Buffer.from('RIFF\0\0\0\0AVI LIST'))).toThrow('AVI video');
});

test.each([
  ['SVG', '<?xml version="1.0"?>\n<!-- drawn by hand --><svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['SVG', '\xef\xbb\xbf  <svg>'],
  ['SVG', '\xff\xfe<\0s\0v\0g\0>\0'],
  ['PDF', '%PDF-1.7'],
  ['BMP', 'BM\x36\x10\0\0\0\0\0\0'],
  ['BMP', 'BM\x36\x10\0\0\x01\0\x01\0\x36\0\0\0\x28\0\0\0'],
  ['BMP', 'BM\x8a\x10\0\0\x01\0\x01\0\x8a\0\0\0\x7c\0\0\0'],
  ['JPEG XL', '\xff\x0a'],
  ['JPEG XL', '\0\0\0\x0cJXL \x0d\x0a\x87\x0a'],
  ['JPEG 2000', '\0\0\0\x0cjP  \x0d\x0a\x87\x0a'],
  ['ICO', '\0\0\x01\0\x01\0'],
  ['PSD', '8BPS\0\x01'],
  ['Canon RAW', 'II*\0\x10\0\0\0CR\x02\0'],
  ['Canon RAW', '\0\0\0\x18ftypcrx \0\0\0\x01crx isom'],
  ['Olympus RAW', 'IIRO\x08\0\0\0'],
  ['video', '\0\0\0\x18ftypisom\0\0\0\0mp42avc1'],
  ['video', '\x1a\x45\xdf\xa3'],
])('the error names %s', (name, start) => {
  const detect = () => detectFormat(Buffer.from(start, 'latin1'));

  expect(detect).toThrow(UnsupportedFormatError);
  expect(detect).toThrow(name);
});

test.each([
  ['a web page that holds an SVG', '<!doctype html><html><body><svg width="9"></svg></body></html>'],
  ['a text that begins like a BMP', 'BMW builds cars'],
  ['a text about SVG', 'write <svg> to draw'],
])('%s is not an image', (_title, text) => {
  expect(() => detectFormat(Buffer.from(text))).toThrow(NotAnImageError);
});

test.each([
  [
    '# AutoSwiftNet',
    'unsupported file type; the file starts with 23 20 41 75 74 6f 53 77. Use a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.',
  ],
  [
    '\n<!DOCTYPE html>\n<html lang="en">',
    'the file is a web page (HTML), perhaps one that a server sent instead of the image. Use a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.',
  ],
  [
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
    'the file is an XML document, perhaps an error that a server sent instead of the image. Use a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.',
  ],
  ['', 'the file is empty. Use a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.'],
  ['%PDF-1.7', 'unsupported file type: PDF. Convert the file to JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC.'],
])('the error for %j says what to do', (text, message) => {
  expect(() => detectFormat(Buffer.from(text))).toThrow(new Error(message));
});

test('any bytes give a format or an ImageError', () => {
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
