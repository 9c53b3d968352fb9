import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageSession } from '../../../scripts/try-package/page-session.ts';
import { ROOT } from '../../floors.ts';

const FENCE = '```';
const COMMAND = block('sh', 'npm install autoswiftnet\nnode a.mjs');
const PROGRAM = block('js', '// a.mjs\nconsole.log(1);');
const OUTPUT = block('text', '1');
const PICTURE = 'With [this](images/a.jpg) it prints:';

function block(language: string, text: string): string {
  return `${FENCE}${language}\n${text}\n${FENCE}`;
}

function page(...parts: string[]): string {
  return [
    '# Title',
    '## Other',
    block('sh', 'rm -rf /'),
    '## Use',
    ...parts,
    '## Last',
    block('js', '// b.mjs'),
    '',
  ].join('\n\n');
}

test('the steps of one section, in order', () => {
  expect(pageSession(page(PROGRAM, COMMAND, PICTURE, OUTPUT), 'Use')).toEqual({
    steps: [
      { kind: 'file', name: 'a.mjs', text: '// a.mjs\nconsole.log(1);\n' },
      { kind: 'command', line: 'npm install autoswiftnet' },
      { kind: 'command', line: 'node a.mjs' },
      { kind: 'output', text: '1\n' },
    ],
    picture: 'images/a.jpg',
  });
});

test.each([
  ['no section', '# Title\n', 'no section "Use"'],
  ['no command', page(PROGRAM, PICTURE, OUTPUT), 'no block with commands'],
  ['no program', page(COMMAND, PICTURE, OUTPUT), 'no block with a program'],
  ['no output', page(COMMAND, PROGRAM, PICTURE), 'no block with output'],
  ['no picture', page(COMMAND, PROGRAM, OUTPUT), 'must link one picture'],
  ['two pictures', page(COMMAND, PROGRAM, PICTURE, '[b](b.jpg)', OUTPUT), 'it links 2'],
  ['a program without a name', page(COMMAND, block('js', 'a();'), PICTURE, OUTPUT), 'must name its file'],
  ['a block of another kind', page(COMMAND, PROGRAM, PICTURE, OUTPUT, block('', 'ls')), "marked ''"],
])('%s is an error', (_, text, message) => {
  expect(() => pageSession(text, 'Use')).toThrow(message);
});

test("README's section about the library is such a session, with a picture that is there", () => {
  const { steps, picture } = pageSession(readFileSync(join(ROOT, 'README.md'), 'utf8'), 'Use it as a library');

  expect(existsSync(join(ROOT, picture))).toBe(true);
  expect(steps).toContainEqual({ kind: 'file', name: 'classify.mjs', text: expect.stringContaining("'autoswiftnet'") });
});
