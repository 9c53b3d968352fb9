import { lineText, summaryText } from '../../../cli/doctor/print.ts';

const FAULT = { check: 'tags', state: 'fault', expected: 'a tag', found: 'none\n\u001b[2J', cure: 'wait' } as const;

test('each state has its line; what comes from outside cannot break it', () => {
  expect(lineText({ check: 'upload', state: 'sound', found: 'uploaded' })).toBe(
    'sound    upload              uploaded\n',
  );
  expect(lineText({ check: 'tags', state: 'skipped', because: 'upload has a fault' })).toBe(
    'skipped  tags                because upload has a fault\n',
  );
  expect(lineText(FAULT)).toBe(
    [
      'fault    tags                expected: a tag',
      '                             found: none [2J',
      '                             do: wait\n',
    ].join('\n'),
  );
});

test('the last line counts', () => {
  expect(summaryText('the stack Photos', [FAULT, { check: 'search', state: 'skipped', because: 'x' }])).toBe(
    'the stack Photos is not sound: faults 1, warnings 0, skipped 1\n',
  );
  expect(summaryText('the local stack', [{ check: 'heavy-model', state: 'skipped', because: 'no' }])).toBe(
    'the local stack is sound: faults 0, warnings 0, skipped 1\n',
  );
});
