import type { Entry } from '../../../functions/records/record.ts';
import { decideAfterReading, decideBeforeReading, decideOnFailure } from '../../../functions/tagging/decide.ts';
import type { Finding } from '../../../functions/tagging/inspect.ts';
import { validRecord } from '../records/valid-record.ts';
import {
  BACKFILL,
  CLASSIFIED,
  HEAVY,
  inWords,
  NOW,
  OBJECT,
  PLAIN,
  REASON,
  REJECTED,
  SMALL,
  STORED,
  type StoredName,
  VERSIONED,
} from './decide-cases.ts';

/** The answer of the model that a backfill is about. */
const OWN = validRecord({ sequencer: '05', eTag: 'e5', model: 'heavy', modelSha256: 'own' });

describe('before the object is read', () => {
  const DONE = 'settle: already-done';
  const events = [PLAIN, BACKFILL, { ...BACKFILL, eTag: 'e4' }, { ...BACKFILL, eTag: null }];

  // For S3's event, and for a backfill's with the ETags e5, e4 and none.
  test.each<[StoredName, string[], string[]]>([
    ['nothing', ['read', 'read', 'read', 'read'], ['read', 'read', 'read', 'read']],
    [
      'tagged before',
      ['read', 'read unless e4', DONE, 'read unless e4'],
      ['read', 'read unless e4', DONE, 'read unless e4'],
    ],
    ['failed before', ['read', 'read', 'read', 'read'], ['read', 'read', 'read', 'read']],
    ['deleted before', ['read', 'read', 'read', 'read'], ['read', 'read', 'read', 'read']],
    [
      'tagged here',
      [DONE, DONE, 'read unless e5', 'read unless e5'],
      ['read', DONE, 'read unless e5', 'read unless e5'],
    ],
    [
      'rejected here',
      [DONE, DONE, 'read unless e5', 'read unless e5'],
      ['read', DONE, 'read unless e5', 'read unless e5'],
    ],
    ['failed here', ['read', 'read', 'read', 'read'], ['read', 'read', 'read', 'read']],
    ['escalated here', [DONE, DONE, 'read unless e5', 'read unless e5'], ['read', 'read', 'read', 'read']],
    ['heavy here', [DONE, DONE, 'read unless e5', 'read unless e5'], [DONE, DONE, 'read unless e5', 'read unless e5']],
    ['deleted here', [DONE, 'read', 'read', 'read'], ['read', 'read', 'read', 'read']],
    [
      'tagged after',
      [DONE, 'read unless e6', 'read unless e6', 'read unless e6'],
      [DONE, 'read unless e6', 'read unless e6', 'read unless e6'],
    ],
    ['failed after', ['read', 'read', 'read', 'read'], ['read', 'read', 'read', 'read']],
    ['deleted after', [DONE, 'read', 'read', 'read'], [DONE, 'read', 'read', 'read']],
  ])('%s: the small model %j, the heavy one %j', (name, small, heavy) => {
    const decide = (answerer: typeof SMALL | typeof HEAVY) =>
      events.map((event) =>
        inWords(decideBeforeReading({ event, stored: STORED[name], answerer, ownAnswers: null, indexThreshold: 0.1 })),
      );

    expect([decide(SMALL), decide(HEAVY)]).toEqual([small, heavy]);
  });

  // For a backfill's event with the ETag of the stored content, and without one.
  test.each<[string, Entry, string[], string[]]>([
    ['its own answer', OWN, [DONE, 'read unless e5'], [DONE, 'read unless e5']],
    ["another small model's", { ...OWN, modelSha256: 'other' }, ['read', 'read'], ['read', 'read']],
    ["a heavy model's", { ...OWN, modelSha256: 'other', stage: 1 }, [DONE, 'read unless e5'], ['read', 'read']],
    [
      'that of a heavy model which is gone',
      { ...OWN, modelSha256: 'other', model: 'gone', stage: 1 },
      ['read', 'read'],
      ['read', 'read'],
    ],
    [
      'its rejection',
      { ...OWN, modelSha256: null, state: 'rejected' },
      [DONE, 'read unless e5'],
      [DONE, 'read unless e5'],
    ],
  ])('a backfill finds %s: the small model %j, the heavy one %j', (_whose, stored, small, heavy) => {
    const decide = (answerer: typeof SMALL | typeof HEAVY) => {
      const ownAnswers = { modelSha256: 'own', heavyModels: answerer.stage === 0 ? ['heavy'] : [] };
      return [BACKFILL, { ...BACKFILL, eTag: null }].map((event) =>
        inWords(decideBeforeReading({ event, stored, answerer, ownAnswers, indexThreshold: 0.1 })),
      );
    };

    expect([decide(SMALL), decide(HEAVY)]).toEqual([small, heavy]);
  });
});

/** The words of what is decided, of S3's event without and with versions and of a backfill's. */
function decideAll(finding: Finding, name: StoredName, answerer: typeof SMALL | typeof HEAVY = SMALL): string[] {
  const stored = STORED[name];
  return [PLAIN, VERSIONED, BACKFILL].map((event) =>
    inWords(decideAfterReading({ event, stored, answerer, ownAnswers: null, indexThreshold: 0.1 }, finding, NOW)),
  );
}

describe('once the object was looked at', () => {
  test.each<[StoredName, string, string]>([
    ['nothing', 'skip: gone', 'skip: gone'],
    ['tagged before', 'skip: gone', 'hide at 04.0, unchanged'],
    ['failed before', 'skip: gone', 'hide at 04.0, unchanged'],
    ['deleted before', 'skip: gone', 'skip: gone'],
    ['failed here', 'skip: gone', 'hide at 05.0, unchanged'],
    ['heavy here', 'settle: gone', 'hide at 05.1, unchanged'],
    ['tagged after', 'settle: gone', 'hide at 06.0, unchanged'],
    ['failed after', 'settle: gone', 'hide at 06.0, unchanged'],
    ['deleted after', 'settle: gone', 'skip: gone'],
  ])('gone, %s: without versions %s, a backfill %s, and a version is always hidden', (name, plain, backfill) => {
    expect(decideAll({ kind: 'gone' }, name)).toEqual([plain, 'hide at 05.0, position', backfill]);
  });

  test.each<[StoredName, string]>([
    ['nothing', 'skip: superseded'],
    ['tagged before', 'skip: superseded'],
    ['deleted before', 'skip: superseded'],
    ['failed here', 'skip: superseded'],
    ['tagged after', 'settle: superseded'],
    ['failed after', 'settle: superseded'],
    ['deleted after', 'settle: superseded'],
  ])('other content in its place, %s: %s', (name, words) => {
    expect(decideAll({ kind: 'superseded' }, name).slice(0, 2)).toEqual([words, words]);
  });

  test.each<[StoredName, string, string]>([
    ['nothing', 'skip: folder-marker', 'skip: folder-marker'],
    ['tagged before', 'hide at 05.0, position', 'hide at 04.0, unchanged'],
    ['failed before', 'hide at 05.0, position', 'hide at 04.0, unchanged'],
    ['deleted before', 'skip: folder-marker', 'skip: folder-marker'],
    ['failed here', 'hide at 05.0, position', 'hide at 05.0, unchanged'],
    ['tagged after', 'hide at 05.0, position', 'hide at 06.0, unchanged'],
    ['deleted after', 'settle: folder-marker', 'skip: folder-marker'],
  ])('a folder marker, %s: S3’s event %s, a backfill %s', (name, event, backfill) => {
    expect(decideAll({ kind: 'folder-marker' }, name)).toEqual([event, event, backfill]);
  });

  test.each(Object.keys(STORED) as StoredName[])('finished content is left as it is, %s', (name) => {
    expect(new Set(decideAll({ kind: 'finished-content', object: OBJECT }, name))).toEqual(
      new Set(['settle: already-done']),
    );
  });

  test.each(Object.keys(STORED) as StoredName[])('an image for a heavy model is forwarded, %s', (name) => {
    const finding: Finding = { kind: 'for-heavy-model', object: OBJECT, model: 'heavy' };

    expect(new Set(decideAll(finding, name))).toEqual(new Set(['forward to heavy']));
  });

  // Whether a write may happen is decided by the table, in one step with it.
  test.each<[StoredName, string]>([
    ['nothing', 'at 0.0'],
    ['tagged before', 'at 04.0'],
    ['deleted before', 'at 04.0'],
    ['failed here', 'at 05.0'],
    ['escalated here', 'at 05.0'],
    ['heavy here', 'at 05.1'],
    ['tagged after', 'at 06.0'],
    ['deleted after', 'at 06.0'],
  ])('an answer of the small model is written, %s; a backfill’s %s', (name, place) => {
    for (const [finding, state] of [
      [CLASSIFIED, 'tagged'],
      [REJECTED, 'rejected'],
    ] as const) {
      const own = `${state} at 05.0, position`;
      expect(decideAll(finding, name)).toEqual([own, own, `${state} ${place}, unchanged`]);
    }
  });

  test.each<[StoredName, string, string]>([
    ['nothing', 'rejected at 05.1, answer', 'rejected at 0.1, unchanged'],
    ['tagged before', 'rejected at 05.1, answer', 'rejected at 04.1, unchanged'],
    ['failed before', 'rejected at 05.1, answer', 'rejected at 04.1, unchanged'],
    ['deleted before', 'rejected at 05.1, answer', 'rejected at 04.1, unchanged'],
    ['tagged here', 'settle: answered-before', 'settle: answered-before'],
    ['escalated here', 'settle: answered-before', 'settle: answered-before'],
    ['rejected here', 'rejected at 05.1, answer', 'rejected at 05.1, unchanged'],
    ['failed here', 'rejected at 05.1, answer', 'rejected at 05.1, unchanged'],
  ])('a heavy model’s rejection, %s: %s; without a sequencer %s', (name, event, backfill) => {
    expect(decideAll(REJECTED, name, HEAVY)).toEqual([event, event, backfill]);
  });

  test.each<[StoredName, string]>([
    ['nothing', 'at 0.1'],
    ['tagged before', 'at 04.1'],
    ['tagged here', 'at 05.1'],
    ['heavy here', 'at 05.1'],
  ])('a heavy model’s answer is written at stage 1, %s; without a sequencer %s', (name, place) => {
    const own = 'tagged at 05.1, answer';

    expect(decideAll(CLASSIFIED, name, HEAVY)).toEqual([own, own, `tagged ${place}, unchanged`]);
  });
});

describe('on the last attempt that failed', () => {
  const decide = (name: StoredName, answerer: typeof SMALL | typeof HEAVY) =>
    [PLAIN, BACKFILL].map((event) =>
      inWords(
        decideOnFailure({ event, stored: STORED[name], answerer, ownAnswers: null, indexThreshold: 0.1 }, REASON, NOW),
      ),
    );
  const DONE = 'skip: already-done';

  test.each<[StoredName, string, string]>([
    ['nothing', 'failed at 05.0, position', 'failed at 0.0, unchanged'],
    ['tagged before', 'failed at 05.0, position', DONE],
    ['failed before', 'failed at 05.0, position', 'failed at 04.0, unchanged'],
    ['deleted before', 'failed at 05.0, position', DONE],
    ['tagged here', DONE, DONE],
    ['rejected here', DONE, DONE],
    ['failed here', 'failed at 05.0, position', 'failed at 05.0, unchanged'],
    ['heavy here', DONE, DONE],
    ['deleted here', DONE, DONE],
    ['tagged after', DONE, DONE],
    ['failed after', 'failed at 05.0, position', 'failed at 06.0, unchanged'],
    ['deleted after', DONE, DONE],
  ])('of the small model, %s: S3’s event %s, a backfill %s', (name, event, backfill) => {
    expect(decide(name, SMALL)).toEqual([event, backfill]);
  });

  test.each<[StoredName, string]>([
    ['nothing', 'failed at 05.1, answer'],
    ['tagged before', 'failed at 05.1, answer'],
    ['tagged here', 'skip: answered-before'],
    ['escalated here', 'skip: answered-before'],
    ['rejected here', 'failed at 05.1, answer'],
    ['failed here', 'failed at 05.1, answer'],
    ['heavy here', DONE],
  ])('of the heavy model, %s: %s', (name, words) => {
    expect(decide(name, HEAVY)[0]).toBe(words);
  });
});
