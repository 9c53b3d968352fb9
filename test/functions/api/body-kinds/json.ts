import { json } from '../bodies.ts';
import { type BodiesWorld, DAISY, picture, problem } from './bodies-world.ts';

/** A picture in base64 in JSON. */
export function jsonTests({ outcomeOf }: BodiesWorld): void {
  const base64 = () => picture.toString('base64');

  test.each<[string, () => string]>([
    ['base64', base64],
    ['base64 without padding', () => base64().replace(/=+$/, '')],
    ['the URL-safe alphabet', () => picture.toString('base64url')],
    ['lines of 76 characters', () => base64().replace(/.{76}/g, '$&\r\n')],
    ['a data: URL', () => `data:image/jpeg;base64,${base64()}`],
    ['a data: URL of another type', () => `DATA:;charset=utf-8;Base64,${base64()}`],
  ])('with %s is taken', async (_name, image) => {
    expect(await outcomeOf(json({ image: image() }))).toEqual(DAISY);
  });

  test.each<[string, unknown, ReturnType<typeof problem>]>([
    ['a stray character', 'aaaa%aaa', problem(400, 'malformed-body', 'image: expected a picture in base64')],
    ['a stray character beyond the BMP', 'aa😀', problem(400, 'malformed-body', 'found "😀"')],
    ['padding in the middle', 'aa==aaaa', problem(400, 'malformed-body', 'found "="')],
    ['an address', 'https://example.com/a.jpg', problem(400, 'malformed-body', 'found ":"')],
    [
      'a data: URL without base64',
      'data:image/svg+xml,<svg/>',
      problem(400, 'malformed-body', 'a data: URL that is not in base64'),
    ],
    ['a data: URL without data', 'data:image/png;base64', problem(400, 'malformed-body', 'a data: URL')],
    ['a character too few', 'aaaaa', problem(400, 'malformed-body', 'found 5 characters')],
    ['a number', 7, problem(400, 'malformed-body', 'image: expected a picture in base64')],
    ['nothing', '', problem(415, 'not-an-image', 'the file is empty')],
    ['no picture', 'bm90ZXM=', problem(415, 'not-an-image', '6e 6f 74 65 73')],
  ])('with %s is refused, and what was expected is named', async (_name, image, expected) => {
    expect(await outcomeOf(json({ image }))).toEqual(expected);
  });

  test.each(['{}', '{"img":"aaaa"}'])('%s is told both fields that there are', async (body) => {
    const expected =
      'expected a JSON object with the field "key" (of an object in the bucket) or "image" (a picture in base64), and no other, found neither';

    expect(await outcomeOf({ headers: json(null).headers, body })).toEqual(problem(400, 'malformed-body', expected));
  });

  test('4,400,000 bytes in base64 pass to the decoder; a byte more is refused', async () => {
    const most = Buffer.concat([picture, Buffer.alloc(4_400_000 - picture.length)]);

    expect(await outcomeOf(json({ image: most.toString('base64') }))).toEqual({ label: 'daisy', bytes: 4_400_000 });
    expect(await outcomeOf(json({ image: Buffer.concat([most, Buffer.alloc(1)]).toString('base64') }))).toEqual(
      problem(413, 'image-too-large', 'the picture has 4400001 bytes'),
    );
  });

  test('a large body of many values is refused before it is parsed', async () => {
    const body = `{"image":[${'[],'.repeat(1_500_000)}[]]}`;

    expect(await outcomeOf({ headers: json(null).headers, body })).toEqual(
      problem(400, 'malformed-body', 'more than 1000 values'),
    );
  });
}
