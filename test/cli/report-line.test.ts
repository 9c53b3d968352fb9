import { isInterruption, reportLine } from '../../cli/report-line.ts';

test.each([
  [
    { kind: 'tagged', key: 'a b.jpg', label: 'daisy', confidence: 0.99761, ms: 31.4 },
    'tagged    a b.jpg  daisy 0.998  31 ms',
  ],
  [{ kind: 'rejected', key: 'a.txt', reason: 'no picture', ms: 1 }, 'rejected  a.txt  no picture'],
  [{ kind: 'failed', key: 'a.jpg', reason: 'no table', ms: 1 }, 'failed    a.jpg  no table'],
  [{ kind: 'deleted', key: 'a.jpg' }, 'deleted   a.jpg'],
  [{ kind: 'job', id: 'a-1', text: 'daisy 0.998', ms: 31.4 }, 'job       a-1  daisy 0.998  31 ms'],
  [{ kind: 'forwarded', key: 'a.jpg', model: 'big' }, 'heavy     a.jpg  sent to big'],
  [{ kind: 'notice', text: 'copying' }, 'notice    copying'],
  [{ kind: 'fault', level: 'error', key: null, text: 'no queue' }, 'error     no queue'],
  [{ kind: 'fault', level: 'warning', key: 'k', text: 'odd' }, 'warning   k  odd'],
] as const)('%j', (report, line) => {
  expect(reportLine(report)).toBe(line);
});

test('while the stack stops, faults are not told: it causes them itself', () => {
  expect(isInterruption({ kind: 'fault', level: 'error', key: null, text: 'its process exited (SIGKILL)' })).toBe(true);
  expect(isInterruption({ kind: 'failed', key: 'a.jpg', reason: 'cut off', ms: 1 })).toBe(true);
  expect(isInterruption({ kind: 'tagged', key: 'a.jpg', label: 'daisy', confidence: 1, ms: 1 })).toBe(false);
});

test('a key cannot send control characters to the terminal', () => {
  expect(reportLine({ kind: 'deleted', key: '\u001b[2J\r\nready' })).toBe('deleted    [2J ready');
});
