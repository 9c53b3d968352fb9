import { countText } from '../../../cli/dead-letters/count-text.ts';
import { letterText } from '../../../cli/dead-letters/letter-text.ts';

const LETTER = {
  queue: 'parked',
  messageId: '91ea',
  sentAt: '2026-11-26T12:00:00.000Z',
  subjects: [
    { what: 's3://photos/a\n.jpg', state: 'failed', reason: { code: 'function-crashed', message: 'no memory' } },
  ],
  parkedFor: null,
  unreadable: null,
};

test.each([
  [LETTER, 's3://photos/a .jpg  failed: no memory (function-crashed)'],
  [
    { ...LETTER, parkedFor: { code: 'x', message: 'it failed alone' } },
    's3://photos/a .jpg  failed: no memory (function-crashed)  parked: it failed alone (x)',
  ],
  [{ ...LETTER, subjects: [{ what: 'job 1', state: null, reason: null }] }, 'job 1  nothing is recorded'],
  [{ ...LETTER, subjects: [] }, 'message 91ea names no image'],
  [{ ...LETTER, subjects: [], unreadable: 'no JSON' }, 'message 91ea cannot be read: no JSON'],
])('a line says what failed, and why: %#', (letter, expected) => {
  expect(letterText(letter)).toBe(`parked  2026-11-26T12:00:00.000Z  ${expected}\n`);
});

test.each([
  [1, false, 'parked: 1 message'],
  [5, false, 'parked: 1 message, of about 5; --limit shows more'],
  [5, true, 'parked: 1 message, of about 5; stopped: no more could be looked at within 50 s'],
])('the last line of %i messages says how many were listed: %#', (waiting, isStopped, expected) => {
  expect(countText('parked', { messages: [{}], isStopped }, waiting)).toBe(`${expected}\n`);
});
