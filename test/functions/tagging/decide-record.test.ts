import {
  type Decision,
  decideAfterReading,
  decideBeforeReading,
  decideOnFailure,
} from '../../../functions/tagging/decide.ts';
import type { CreatedEvent } from '../../../functions/tagging/image-event.ts';
import type { Finding, ObjectFacts } from '../../../functions/tagging/inspect.ts';
import { validRecord } from '../records/valid-record.ts';
import {
  CLASSIFIED,
  HEAVY,
  NAME,
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

describe('the record that is written', () => {
  const recordOf = (decision: Decision) => (decision.kind === 'write' ? decision.entry : null);

  test('of an answer has all that was found', () => {
    const upload = { event: VERSIONED, stored: null, answerer: SMALL, ownAnswers: null, indexThreshold: 0.1 };
    const finding = { ...CLASSIFIED, object: { ...OBJECT, eTag: 'e9', versionId: 'v9', size: 10 } };

    expect(recordOf(decideAfterReading(upload, finding, NOW))).toEqual({
      ...NAME,
      versionId: 'v9',
      eTag: 'e9',
      sequencer: '05',
      stage: 0,
      sha256: 'c'.repeat(64),
      size: 10,
      lastModified: OBJECT.lastModified,
      width: 4,
      height: 3,
      format: 'png',
      model: 'answering',
      modelSha256: 'd'.repeat(64),
      predictions: [{ rank: 1, label: 'tabby', wnid: null, index: 281, probability: 0.7 }],
      concepts: [{ id: 'n02121808', label: 'domestic cat', probability: 0.9 }],
      concept: { id: 'n02121808', label: 'domestic cat', probability: 0.9 },
      state: 'tagged',
      rows: ['tabby'],
      reason: null,
      escalatedTo: 'heavy',
      createdAt: NOW.toISOString(),
      updatedAt: NOW.toISOString(),
    });
  });

  test('of a rejection, and of a failure, names the model that was to answer', () => {
    const upload = { event: VERSIONED, stored: null, answerer: HEAVY, ownAnswers: null, indexThreshold: 0.1 };
    const unseen = {
      width: null,
      height: null,
      format: null,
      modelSha256: null,
      predictions: [],
      concepts: [],
      concept: null,
      rows: [],
      escalatedTo: null,
    };

    expect(recordOf(decideAfterReading(upload, { ...REJECTED, sha256: 'f'.repeat(64) }, NOW))).toMatchObject({
      ...unseen,
      sha256: 'f'.repeat(64),
      model: 'heavy',
      state: 'rejected',
      reason: REASON,
    });
    expect(recordOf(decideOnFailure(upload, REASON, NOW))).toMatchObject({
      ...unseen,
      versionId: 'v5',
      eTag: 'e5',
      size: 9,
      sha256: null,
      model: 'heavy',
      state: 'failed',
      reason: REASON,
    });
  });

  test('has the time of its object, as S3 or the event says, else that of the same content, else the present', () => {
    const timeOf = (name: StoredName, object: Partial<ObjectFacts>) =>
      recordOf(
        decideAfterReading(
          { event: PLAIN, stored: STORED[name], answerer: SMALL, ownAnswers: null, indexThreshold: 0.1 },
          { ...REJECTED, object: { ...OBJECT, ...object } },
          NOW,
        ),
      )?.lastModified;
    const failed = (event: CreatedEvent) =>
      recordOf(
        decideOnFailure({ event, stored: null, answerer: SMALL, ownAnswers: null, indexThreshold: 0.1 }, REASON, NOW),
      )?.lastModified;

    expect(timeOf('tagged here', {})).toBe(OBJECT.lastModified);
    expect(failed(PLAIN)).toBe(PLAIN.time);
    expect(timeOf('failed here', { lastModified: null })).toBe(validRecord().lastModified);
    expect(timeOf('tagged before', { lastModified: null })).toBe(NOW.toISOString());
    expect(failed({ ...PLAIN, time: null })).toBe(NOW.toISOString());
  });

  test('keeps the time of the first record, but not of one that was deleted', () => {
    const createdAt = (name: StoredName) =>
      recordOf(
        decideAfterReading(
          { event: PLAIN, stored: STORED[name], answerer: SMALL, ownAnswers: null, indexThreshold: 0.1 },
          CLASSIFIED,
          NOW,
        ),
      )?.createdAt;

    expect(createdAt('tagged before')).toBe(validRecord().createdAt);
    expect(createdAt('deleted before')).toBe(NOW.toISOString());
  });
});

test('a forwarded image is described as it was found, and else as the event says', () => {
  const finding: Finding = {
    kind: 'for-heavy-model',
    object: { ...OBJECT, eTag: null, versionId: 'v5' },
    model: 'heavy',
  };
  const upload = { event: PLAIN, stored: null, answerer: SMALL, ownAnswers: null, indexThreshold: 0.1 };

  expect(decideAfterReading(upload, finding, NOW)).toEqual({
    kind: 'forward',
    request: {
      version: 1,
      jobId: null,
      source: { ...NAME, versionId: 'v5', eTag: 'e5', sequencer: '0500' },
      model: 'heavy',
      top: 10,
      explain: false,
    },
  });
});

test('what is settled is published if it is the event’s own result', () => {
  const settle = decideBeforeReading({
    event: PLAIN,
    stored: STORED['tagged here'],
    answerer: SMALL,
    ownAnswers: null,
    indexThreshold: 0.1,
  });

  expect(settle).toEqual({ kind: 'settle', position: { sequencer: '05', stage: 0 }, why: 'already-done' });
});
