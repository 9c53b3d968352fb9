import type { Entry } from '../../../functions/records/record.ts';
import { decideDeletion, decideDeletionBeforeReading } from '../../../functions/tagging/decide.ts';
import type { RemovedEvent } from '../../../functions/tagging/image-event.ts';
import { validRecord, validTombstone } from '../records/valid-record.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const NAME = { bucket: 'pictures', key: 'a.jpg' };
const PLAIN: RemovedEvent = { kind: 'removed', name: NAME, versionId: null, marker: false, sequencer: '0500' };
const MARKER: RemovedEvent = { ...PLAIN, versionId: 'm5', marker: true };
const VERSION: RemovedEvent = { ...PLAIN, versionId: 'v4' };

const tombstoneAt = (sequencer: string, stage: 0 | 1, versionId: string | null) => ({
  ...NAME,
  versionId,
  sequencer,
  stage,
  deletedAt: NOW.toISOString(),
  expiresAt: NOW.getTime() / 1000 + 30 * 86_400,
});

describe('before the record is read', () => {
  test.each([
    ['an object', PLAIN],
    ['an object, by a delete marker', MARKER],
    ['an object, by a lifecycle rule that tells its place', { ...PLAIN, kind: 'lifecycle-expired' as const }],
  ])('the end of %s is recorded at its own position', (_what, event) => {
    expect(decideDeletionBeforeReading(event, NOW)).toEqual({
      kind: 'tombstone',
      entry: tombstoneAt('05', 0, event.versionId),
      condition: { kind: 'position', position: { sequencer: '05', stage: 0 } },
      outcome: { kind: 'deleted' },
    });
  });

  test.each([
    ['of a version', VERSION, false],
    ['of a version, without a place in the order', { ...VERSION, sequencer: null }, true],
    ['of an object, without a place in the order', { ...PLAIN, sequencer: null }, true],
    ['by a delete marker, without a place in the order', { ...MARKER, sequencer: null }, true],
  ])('the end %s needs the record', (_what, event, looksForObject) => {
    expect(decideDeletionBeforeReading(event, NOW)).toEqual({ kind: 'read', looksForObject });
  });
});

describe('with the record', () => {
  const SEEN = validRecord({ sequencer: '04', stage: 1, versionId: 'v4' });
  const unversioned = validRecord({ sequencer: '04', stage: 1, versionId: null });
  const placeless = { ...PLAIN, sequencer: null };
  const KEEP = { kind: 'settle', position: null, why: 'superseded' };
  const hide = (seen: Entry, versionId: string | null) => ({
    kind: 'tombstone',
    entry: tombstoneAt('04', 1, versionId),
    condition: { kind: 'unchanged', seen },
    outcome: { kind: 'deleted' },
  });

  test.each<[string, RemovedEvent, Entry | null, boolean | null, object]>([
    ['the record’s version ends', VERSION, SEEN, null, hide(SEEN, 'v4')],
    ['another version ends', { ...VERSION, versionId: 'v3' }, SEEN, null, KEEP],
    ['the record is later than the end', { ...VERSION, sequencer: '03' }, SEEN, null, KEEP],
    ['there is no record', VERSION, null, null, KEEP],
    ['the record is hidden already', VERSION, validTombstone({ versionId: 'v4' }), null, KEEP],
    [
      'the version before there were versions',
      { ...VERSION, versionId: 'null' },
      unversioned,
      null,
      hide(unversioned, 'null'),
    ],
    ['an expiry, and the object is gone', placeless, unversioned, false, hide(unversioned, null)],
    ['an expiry, but the object is there', placeless, unversioned, true, KEEP],
    ['an expiry, and nobody looked', placeless, unversioned, null, KEEP],
    ['an expiry of the record’s version', { ...VERSION, sequencer: null }, SEEN, false, hide(SEEN, 'v4')],
    ['an expiry of another version', { ...VERSION, versionId: 'v3', sequencer: null }, SEEN, false, KEEP],
    ['an expiry behind a delete marker', { ...MARKER, sequencer: null }, SEEN, false, hide(SEEN, 'm5')],
  ])('%s', (_what, event, stored, isThere, decision) => {
    expect(decideDeletion(event, stored, isThere, NOW)).toEqual(decision);
  });
});
