import { readFunctionLine } from '../../local/function-log.ts';

function line(message: string, facts: object = {}, level = 'INFO'): string {
  return JSON.stringify({ level, message, timestamp: '2026-01-01T00:00:00.000Z', service: 'autoswiftnet', ...facts });
}

test.each([
  [
    line('image tagged', { key: 'a b', label: 'daisy', confidence: 0.9, ms: 31.5, model: 'sample' }),
    { kind: 'tagged', key: 'a b', label: 'daisy', confidence: 0.9, ms: 31.5 },
  ],
  [
    line('image rejected', { key: 'k', ms: 2, reason: { code: 'not-an-image', message: 'no picture' } }),
    { kind: 'rejected', key: 'k', ms: 2, reason: 'no picture' },
  ],
  [
    line('image failed', { key: 'k', ms: 2, reason: { code: 'internal', message: 'ours' } }),
    { kind: 'failed', key: 'k', ms: 2, reason: 'ours' },
  ],
  [line('image deleted', { key: 'k', ms: 2 }), { kind: 'deleted', key: 'k' }],
  [line('image forwarded', { key: 'k', model: 'heavy', ms: 2 }), { kind: 'forwarded', key: 'k', model: 'heavy' }],
  [
    line('attempt failed', { key: 'k', lastAttempt: false, error: { name: 'X', message: 'no table' } }, 'ERROR'),
    { kind: 'fault', level: 'error', key: 'k', text: 'attempt failed: no table' },
  ],
  [
    line('the model cannot be opened', { error: { message: 'self-test' } }, 'ERROR'),
    { kind: 'fault', level: 'error', key: null, text: 'the model cannot be opened: self-test' },
  ],
  [line('odd', {}, 'WARN'), { kind: 'fault', level: 'warning', key: null, text: 'odd' }],
  ['(node:1) Warning: text', { kind: 'fault', level: 'warning', key: null, text: '(node:1) Warning: text' }],
])('%s', (text, report) => {
  expect(readFunctionLine(text)).toEqual(report);
});

test.each([line('event skipped', { key: 'k' }), line('image tagged', { key: 7 }), '', '  '])(
  '%j tells nothing',
  (text) => {
    expect(readFunctionLine(text)).toBeNull();
  },
);
