import { jest } from '@jest/globals';
import { NotAnImageError } from '../../classifier/errors.ts';
import { reportError } from '../../cli/report-error.ts';

/** A file name that would clear the terminal, and show its ending as another one. */
const HOSTILE = 'a\u001b[2J\r\u202egnp.exe';

let told: string;

beforeEach(() => {
  told = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += text;
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

test('what a terminal would obey is taken out of the name of the input and of the message', () => {
  reportError(new NotAnImageError(`${HOSTILE} is no picture`), HOSTILE);

  expect(told).toBe('a [2J gnp.exe: a [2J gnp.exe is no picture\n');
});

test('it is taken out of the stack trace of a bug, too, which keeps its lines', () => {
  reportError(new Error(HOSTILE), HOSTILE);

  expect(told).toMatch(/^a \[2J gnp\.exe: Error: a \[2J gnp\.exe\n {4}at .*\n {4}at /);
  for (const mark of ['\u001b', '\r', '\u202e']) expect(told).not.toContain(mark);
});
