import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS } from '../../functions/wire.ts';
import { codesOf, errorCodes } from './error-classes.ts';
import { ROOT, readPage } from './markdown-files.ts';

/** Where faults of model packages are found. */
const PACKAGE_CHECKS = [
  'classifier/manifest.ts',
  'classifier/concepts/read-hierarchy.ts',
  'classifier/onnx-runtime.ts',
  'classifier/session.ts',
  'classifier/classifier-weights.ts',
  'models/package/check-files.ts',
  'models/verify.ts',
  'layers/require-intact.ts',
];

const PAGE = readPage('docs/errors.md');
const ROWS = [...PAGE.matchAll(/^\| (?:`([a-z0-9-]+)`)? ?\| `(\w+)` \|(?: (\d{3}) \|)? (.+) \| (.+) \|$/gm)].map(
  ([, code = null, name = '', status, meaning = '', cure = '']) => ({
    code,
    name,
    status: status === undefined ? null : Number(status),
    meaning,
    cure,
  }),
);

const sorted = (pairs: readonly { readonly name: string; readonly code: string | null }[]) =>
  pairs.map(({ name, code }) => `${name} ${code}`).sort();

test('the page has every error class with its codes, and no other', () => {
  const codes = errorCodes();

  expect(codes.length).toBeGreaterThan(50);
  expect(sorted(ROWS)).toEqual(sorted(codes));
});

test('every problem of the API is on the page with its status', () => {
  const problems = Object.entries(PROBLEMS).map(([code, { status }]) => `${code} ${status}`);
  const onPage = ROWS.filter(({ status }) => status !== null).map(({ code, status }) => `${code} ${status}`);

  expect(onPage.sort()).toEqual(problems.filter((problem) => problem !== 'internal 500').sort());
  expect(PAGE).toContain('gets `internal` with status 500');
});

test('a class with a status of its own has the one that its problem is answered with', () => {
  const problems = new Map<string | null, number>(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]));
  const told = errorCodes().filter(({ code, status }) => status !== null && problems.has(code));

  expect(told.length).toBeGreaterThan(4);
  expect(told.filter(({ code, status }) => problems.get(code) !== status && code !== 'internal')).toEqual([]);
});

test('every row has a meaning and a cure, in sentences', () => {
  expect(ROWS.filter(({ meaning, cure }) => !/^[A-Z`].*\.$/.test(meaning) || !/^[A-Z`].*\.$/.test(cure))).toEqual([]);
});

test('the page has every fault of a model package', () => {
  const found = PACKAGE_CHECKS.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code = '']) => code),
  ).filter((code) => code !== 'custom');
  const [, section = ''] = PAGE.split('## Faults of a model package');
  const onPage = [...section.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell = '']) =>
    cell.replaceAll('`', '').split(', '),
  );

  expect(onPage.sort()).toEqual([...new Set(found)].sort());
});

test('codes are found in every form that a class writes them', () => {
  const source = `
export abstract class FileError extends AutoSwiftNetError {}
class GoneError extends FileError {
  constructor(why: string) {
    super('x', { code: why === 'gone' ? 'file-gone' : 'file-replaced', status: 410 });
  }
}
export class CallError extends AutoSwiftNetError {
  constructor(code: 'failed' | 'timed-out', message: string) {
    super(message, { code, status: 500 });
  }
}
export class OtherError extends Error {
  readonly code = 'other';
}
export class ForeignError extends AutoSwiftNetError {
  constructor(code: string, status: number) {
    super('x', { code, status });
  }
}
`;

  expect(codesOf([source])).toEqual([
    { name: 'GoneError', code: 'file-gone', status: 410 },
    { name: 'GoneError', code: 'file-replaced', status: 410 },
    { name: 'CallError', code: 'failed', status: 500 },
    { name: 'CallError', code: 'timed-out', status: 500 },
    { name: 'ForeignError', code: null, status: null },
  ]);
});
