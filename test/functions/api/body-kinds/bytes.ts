import { type BodiesWorld, DAISY, picture, problem, typed } from './bodies-world.ts';

/** A picture as it is, with and without a media type. */
export function bytesTests({ outcomeOf }: BodiesWorld): void {
  test.each([
    'application/octet-stream',
    'binary/octet-stream',
    'Binary/Octet-Stream; x=y',
    'image/jpg',
    'image/png',
    'application/x-www-form-urlencoded',
    'application/x-jpg',
    'nonsense',
    '',
  ])('a picture of the type %j is taken', async (type) => {
    expect(await outcomeOf(typed(type))).toEqual(DAISY);
  });

  test.each(['binary/octet-stream', 'application/octet-stream', 'image/png'])(
    'what is no picture is named by its bytes, if the type %s says nothing more',
    async (type) => {
      expect(await outcomeOf(typed(type, Buffer.from('notes')))).toEqual(
        problem(415, 'not-an-image', 'the file starts with 6e 6f 74 65 73'),
      );
    },
  );

  test('a picture without a media type is taken, and JSON without one as well', async () => {
    expect(await outcomeOf({ body: picture })).toEqual(DAISY);
    expect(await outcomeOf({ body: JSON.stringify({ image: picture.toString('base64') }) })).toEqual(DAISY);
    expect(await outcomeOf({ body: ' {"key":"none.jpg"}' })).toEqual(problem(404, 'image-not-found', 'none.jpg'));
  });

  test('what curl sends with -d and is no picture gets a 415 that says what to add', async () => {
    const answer = problem(415, 'unsupported-media-type', 'For a picture use curl -F file=@photo.jpg');

    expect(await outcomeOf(typed('application/x-www-form-urlencoded', Buffer.from('{"key":"a"}')))).toEqual(answer);
  });

  test.each(['application/x-www-form-urlencoded', 'image/jpeg', 'application/octet-stream'])(
    'a picture from which curl -d dropped bytes is told so, if the type is %s',
    async (type) => {
      const left = picture.filter((byte) => ![0, 10, 13].includes(byte));

      expect(await outcomeOf(typed(type, left))).toEqual(
        problem(400, 'malformed-body', 'Send it with curl -F file=@photo.jpg, or curl -H'),
      );
    },
  );

  test.each(['image/jpeg', 'application/json', 'multipart/form-data; boundary=x', ''])(
    'an empty body of the type %j is told that a picture is missing',
    async (type) => {
      expect(await outcomeOf(typed(type, Buffer.of()))).toEqual(problem(400, 'malformed-body', 'the body is empty'));
    },
  );

  test('a picture of another format than those supported is named, whatever type it comes with', async () => {
    const bitmap = Buffer.from('BM\x36\0\0\0\0\0\0\0\x36\0\0\0', 'latin1');

    expect(await outcomeOf(typed('application/x-www-form-urlencoded', bitmap))).toEqual(
      problem(415, 'unsupported-format', 'BMP'),
    );
  });

  test('text is refused by its type, because API Gateway would have damaged a picture in it', async () => {
    for (const type of ['text/plain', 'application/xml', 'text/html; charset=utf-8']) {
      expect(await outcomeOf(typed(type))).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    }
  });
}
