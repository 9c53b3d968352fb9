import { execFileSync } from 'node:child_process';
import { type ClassifyRequest, curlCommand } from '../../../web/classify/curl-command.ts';

const REQUEST: ClassifyRequest = {
  origin: 'http://127.0.0.1:3000',
  fileName: 'daisy.jpg',
  exampleUrl: null,
  storedAs: null,
  model: null,
  explain: false,
  token: null,
};

/** Returns the arguments that a shell hands to curl. */
function argumentsOf(request: Partial<ClassifyRequest>): string[] {
  const command = curlCommand({ ...REQUEST, ...request });
  const output = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}

test('the options of the request are in its address', () => {
  expect(argumentsOf({ model: 'resnet50_swsl.int8', explain: true })[0]).toBe(
    'http://127.0.0.1:3000/classify?model=resnet50_swsl.int8&explain=true',
  );
  expect(argumentsOf({})[0]).toBe('http://127.0.0.1:3000/classify');
});

test.each(['it\'s $HOME `x` "y" \\.jpg', 'two\nlines.jpg', 'Gänse & Co.jpg'])(
  'a shell hands the file name %j to curl as it is',
  (fileName) => {
    expect(argumentsOf({ fileName })).toEqual([
      'http://127.0.0.1:3000/classify',
      '-H',
      'content-type: application/octet-stream',
      '--data-binary',
      `@${fileName}`,
    ]);
  },
);

test('a picture that is in the bucket is named by its key', () => {
  expect(argumentsOf({ storedAs: 'uploads/a.jpg' }).slice(1)).toEqual([
    '-H',
    'content-type: application/json',
    '--data-binary',
    '{"key":"uploads/a.jpg"}',
  ]);
});

test('a drawing of the page is fetched first, and handed on', () => {
  const exampleUrl = 'http://127.0.0.1:3000/assets/daisy.webp';

  expect(curlCommand({ ...REQUEST, exampleUrl })).toMatch(/^curl -s 'http:\S+daisy\.webp' \| \\\n {2}curl '/);
  expect(argumentsOf({ exampleUrl }).at(-1)).toBe('@-');
});

test('a token is sent as a bearer token', () => {
  expect(argumentsOf({ token: 'a.b.c' }).slice(1, 3)).toEqual(['-H', 'authorization: Bearer a.b.c']);
});
