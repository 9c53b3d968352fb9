import { BOUNDARY, type Body, field, file, form } from '../bodies.ts';
import { type BodiesWorld, DAISY, picture, problem } from './bodies-world.ts';

/** `multipart/form-data`, as curl, browsers and libraries send it. */
export function formTests({ outcomeOf }: BodiesWorld): void {
  test.each<[string, () => Body]>([
    ['with one file, as curl, browsers and requests send it', () => form([file(picture)])],
    ['whose field has any name', () => form([file(picture, { name: 'whatever' })])],
    ['with more fields', () => form([field('note', 'x'), file(picture), field('csrf', 'y')])],
    [
      'whose file has no name, as form-data sends a buffer',
      () =>
        form([
          {
            head: 'Content-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream',
            content: picture,
          },
        ]),
    ],
    [
      'whose file has neither name nor type',
      () => form([field('note', 'x'), { ...field('file', ''), content: picture }]),
    ],
    ['whose file is called text', () => form([file(picture, { type: 'text/plain' })])],
    [
      'whose file has a Japanese name',
      () => {
        const fileName = Buffer.from('写真.jpg').toString('latin1');
        return form([file(picture, { fileName })]);
      },
    ],
    ['whose file has a Latin-1 name', () => form([file(picture, { fileName: 'Gr\xfcn.jpg' })])],
    [
      'with a second file field in which nothing was chosen',
      () => form([file(picture), file('', { name: 'other', fileName: '', type: 'application/octet-stream' })]),
    ],
    [
      'after a preamble and before an epilogue',
      () => {
        const { headers, body } = form([file(picture)]);
        return { headers, body: Buffer.concat([Buffer.from('preamble\r\n'), body, Buffer.from('epilogue: x\r\n')]) };
      },
    ],
    [
      'before an epilogue that ends as a boundary does',
      () => {
        const { headers, body } = form([file(picture)]);
        const epilogue = `\r${'('.repeat(BOUNDARY.length + 2)}${BOUNDARY.at(-1)}`;
        return { headers, body: Buffer.concat([body, Buffer.from(epilogue)]) };
      },
    ],
    [
      'with a boundary in quotes',
      () => ({
        ...form([file(picture)]),
        headers: { 'content-type': `Multipart/Form-Data; charset=utf-8; boundary="${BOUNDARY}"` },
      }),
    ],
  ])('%s is taken', async (_name, make) => {
    expect(await outcomeOf(make())).toEqual(DAISY);
  });

  test.each<[string, () => Body, ReturnType<typeof problem>]>([
    ['no parts', () => form([]), problem(400, 'malformed-body', 'the form has no file: ')],
    [
      'text only, as curl sends without the @',
      () => form([field('file', 'x.jpg')]),
      problem(
        400,
        'malformed-body',
        'the form has no file, only "file": send the picture as a file (curl -F file=@photo.jpg)',
      ),
    ],
    [
      'no chosen file',
      () => form([file('', { fileName: '', type: 'application/octet-stream' })]),
      problem(400, 'malformed-body', 'the form has no file'),
    ],
    [
      'two files',
      () => form([file(picture, { fileName: 'a.jpg' }), file(picture, { fileName: 'b.jpg' })]),
      problem(400, 'malformed-body', 'the form has 2 files ("a.jpg", "b.jpg"): send one picture in each request'),
    ],
    [
      'many files',
      () => form(Array.from({ length: 150 }, () => file('a'))),
      problem(400, 'malformed-body', 'more than 100 parts'),
    ],
    [
      'a parameter as a field',
      () => form([file(picture), field('top', '3')]),
      problem(400, 'invalid-parameter', 'send it in the query, as in POST /classify?top='),
    ],
    ['an empty file', () => form([file('')]), problem(415, 'not-an-image', 'the file is empty')],
    ['a file of text', () => form([file('notes')]), problem(415, 'not-an-image', 'unsupported file type')],
    [
      'a file above the limit',
      () => form([file(Buffer.alloc(4_400_001))]),
      problem(413, 'image-too-large', 'the picture has 4400001 bytes, more than the limit of 4400000'),
    ],
    [
      'a form above its limit',
      () => form([file(Buffer.alloc(4_470_000))]),
      problem(413, 'image-too-large', 'POST /uploads'),
    ],
    [
      'no boundary',
      () => ({ ...form([file(picture)]), headers: { 'content-type': 'multipart/form-data' } }),
      problem(400, 'malformed-body', 'let your HTTP client write this header'),
    ],
    [
      'another boundary',
      () => ({ ...form([file(picture)]), headers: { 'content-type': 'multipart/form-data; boundary=x' } }),
      problem(400, 'malformed-body', 'its boundary is not the one in Content-Type'),
    ],
    [
      'its second half missing',
      () => {
        const { headers, body } = form([file(picture)]);
        return { headers, body: body.subarray(0, 6000) };
      },
      problem(400, 'malformed-body', 'it ends early'),
    ],
    [
      'a part without headers',
      () => form([{ head: '', content: picture }]),
      problem(400, 'malformed-body', 'a part has no valid headers'),
    ],
    [
      'a damaged escape in a file name',
      () => form([{ head: 'Content-Disposition: form-data; name="a"; filename*=utf-8\'\'%ff', content: picture }]),
      problem(400, 'malformed-body', 'a header of a part is damaged'),
    ],
  ])('with %s is refused, and the reason named', async (_name, make, expected) => {
    expect(await outcomeOf(make())).toEqual(expected);
  });

  test('4,400,000 bytes of a file pass to the decoder', async () => {
    expect(await outcomeOf(form([file(Buffer.concat([picture, Buffer.alloc(4_400_000 - picture.length)]))]))).toEqual({
      label: 'daisy',
      bytes: 4_400_000,
    });
  });
}
