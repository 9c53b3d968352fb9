import { holds } from '../../../functions/records/condition.ts';
import { type Position, toPosition } from '../../../functions/records/position.ts';
import type { Entry } from '../../../functions/records/record.ts';
import { validRecord, validTombstone } from './valid-record.ts';

const AT = { sequencer: '05', stage: 0 } as const;
const EARLIER = toPosition('04', 0);
const SAME = toPosition('0500', 0);
const LATER = toPosition('0501', 0);
const LATER_STAGE = toPosition('05', 1);

describe('a write at a position', () => {
  const applies = (position: Position, stored: Entry | null) => holds({ kind: 'position', position }, stored);

  test('applies where nothing is stored', () => {
    expect(applies(EARLIER, null)).toBe(true);
  });

  test.each([
    ['failed', true],
    ['tagged', false],
    ['rejected', false],
  ] as const)('over a %s record: later always, earlier never, at the same position %s', (state, atSame) => {
    const stored = validRecord({ ...AT, state });

    expect([EARLIER, SAME, LATER, LATER_STAGE].map((position) => applies(position, stored))).toEqual([
      false,
      atSame,
      true,
      true,
    ]);
  });

  test('over a tombstone only later', () => {
    expect([EARLIER, SAME, LATER].map((position) => applies(position, validTombstone(AT)))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('a heavy answer', () => {
  const applies = (stored: Entry | null) => holds({ kind: 'answer', position: LATER_STAGE, eTag: 'e1' }, stored);

  test('takes the place of the small one about the same content only', () => {
    expect(applies(validRecord({ ...AT, eTag: 'e1' }))).toBe(true);
    expect(applies(validRecord({ ...AT, eTag: 'e2' }))).toBe(false);
    expect(applies(validTombstone(AT))).toBe(false);
  });

  test('replaces everything that is earlier', () => {
    expect(applies(validRecord({ sequencer: '04', stage: 1, eTag: 'e2' }))).toBe(true);
    expect(applies(validTombstone({ sequencer: '04' }))).toBe(true);
    expect(applies(null)).toBe(true);
  });
});

test('unchanged: position, version, state, content and model', () => {
  const record = validRecord();
  const isUnchanged = (seen: Entry | null, stored: Entry | null) => holds({ kind: 'unchanged', seen }, stored);

  expect(isUnchanged(record, validRecord({ updatedAt: 'later' }))).toBe(true);
  expect(isUnchanged(null, null)).toBe(true);
  for (const other of [
    null,
    validTombstone(),
    validRecord({ eTag: 'other' }),
    validRecord({ state: 'failed' }),
    validRecord({ stage: 1 }),
    validRecord({ versionId: 'v2' }),
    validRecord({ escalatedTo: 'heavy' }),
    validRecord({ modelSha256: 'c'.repeat(64) }),
    validRecord({ modelSha256: null }),
  ]) {
    expect(isUnchanged(record, other)).toBe(false);
  }
});
