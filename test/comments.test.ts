import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commentFaults } from './comment-faults.ts';
import { ROOT } from './floors.ts';

/** Folders whose comments were rewritten in plain English. Add a folder when its comments are done. */
const PLAIN_FOLDERS = [
  'bench',
  'classifier',
  'cli',
  'functions',
  'layers',
  'local',
  'models',
  'scripts',
  'test/bench',
  'test/classifier',
  'test/faults',
  'test/hostile',
  'test/layers',
  'test/models',
];

test.each(PLAIN_FOLDERS)('every comment in %s is at most 100 columns wide and easy to read', (folder) => {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(tsx?|m?js)$/.test(file) && !/(^|\/)(cache|node_modules)\//.test(file),
  );
  const texts = files.map((file) => [file, readFileSync(join(ROOT, folder, file), 'utf8')] as const);
  const written = texts.filter(([, text]) => !text.includes('// @generated'));

  const faults = written.flatMap(([file, text]) => commentFaults(text).map((fault) => `${folder}/${file}:${fault}`));

  expect(files.length).toBeGreaterThan(0);
  expect(faults).toEqual([]);
});

test('a wide comment, a dangling start and a hard word are found in comments, not in code', () => {
  const text = [
    `// x ${'x'.repeat(96)}`,
    `// x ${'x'.repeat(95)}`,
    '/** Of the first row. */',
    '/**',
    ' * Of the stem.',
    ' * Of these, the second line of a comment may say so.',
    ' */',
    '  // For whoever calls it.',
    '  // Of course the second line may say so here too.',
    "const text = 'Of code, whoever reads it'; // the middle one",
    '// Of the last row.',
    '',
    `// https://example.com/${'x'.repeat(90)}`,
  ].join('\n');

  expect(commentFaults(text)).toEqual([
    '1: has 101 columns',
    '3: starts with a dangling "Of"',
    '5: starts with a dangling "Of"',
    '8: says "whoever": name the person or thing',
    '11: starts with a dangling "Of"',
  ]);
});
