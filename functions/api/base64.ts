import { MalformedBodyError } from './errors.ts';

const EXPECTED =
  'expected a picture in base64 (alphabet of RFC 4648, section 4 or 5, with or without padding), or a data: URL of one';

/**
 * Decodes a picture that came as text in the field `image`: base64 in either alphabet, with or
 * without padding and line breaks, or a `data:` URL.
 * @throws {MalformedBodyError} naming the first character that does not belong there
 */
export function decodePicture(text: string): Buffer {
  const start = dataStart(text);
  const data = text
    .slice(start)
    .replace(/[ \t\r\n]+/g, '')
    .replace(/={1,2}$/, '');
  const stray = data.search(/[^A-Za-z0-9+/_-]/);
  if (stray >= 0) throw malformed(`found ${JSON.stringify(String.fromCodePoint(data.codePointAt(stray) ?? 0))}`);
  if (data.length % 4 === 1) throw malformed(`found ${data.length} characters, so at least one is missing`);
  return Buffer.from(data, 'base64');
}

/** Returns where the data begins: after the comma of a `data:` URL, else at 0. */
function dataStart(text: string): number {
  if (!/^data:/i.test(text)) return 0;
  // A media type and its parameters are short.
  const [head] = /^[^,]{0,1000},/.exec(text) ?? [''];
  if (!/;base64,$/i.test(head)) throw malformed('found a data: URL that is not in base64');
  return head.length;
}

function malformed(found: string): MalformedBodyError {
  return new MalformedBodyError(`image: ${EXPECTED}; ${found}`);
}
