import { explore, type Scenario } from './interleaving-world.ts';

// Different numbers of labels, so that the rows of one are too many for the other.
const LION = { put: 'lion cub' };
const BEAR = { put: 'bear' };
const NOISE = { put: 'bad noise' };

const scenarios: Record<string, Scenario> = {
  'two uploads': { versioned: false, acts: [LION, BEAR], end: BEAR.put },
  'two uploads, fewer labels first': { versioned: false, acts: [BEAR, LION], end: LION.put },
  'two uploads, the older crashes': { versioned: false, acts: [LION, BEAR], crash: 0, end: BEAR.put },
  'two uploads, the newer crashes': { versioned: false, acts: [LION, BEAR], crash: 1, end: BEAR.put },
  'two uploads with versions, the older crashes': { versioned: true, acts: [LION, BEAR], crash: 0, end: BEAR.put },
  'two uploads with versions, the newer crashes': { versioned: true, acts: [LION, BEAR], crash: 1, end: BEAR.put },
  'upload and delete, the upload crashes': { versioned: false, acts: [LION, 'delete'], crash: 0, end: null },
  'upload and delete, the delete crashes': { versioned: false, acts: [LION, 'delete'], crash: 1, end: null },
  'upload and delete marker, the upload crashes': { versioned: true, acts: [LION, 'delete'], crash: 0, end: null },
  'upload and the end of its version, the upload crashes': {
    versioned: true,
    acts: [LION, { deleteVersion: 'v1' }],
    crash: 0,
    end: null,
  },
  'upload and the end of its version, the end crashes': {
    versioned: true,
    acts: [LION, { deleteVersion: 'v1' }],
    crash: 1,
    end: null,
  },
  'two uploads and the end of the older version': {
    versioned: true,
    acts: [LION, BEAR, { deleteVersion: 'v1' }],
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'two uploads and the end of the newer version': {
    versioned: true,
    acts: [LION, BEAR, { deleteVersion: 'v2' }],
    maxInterruptions: 2,
    end: null,
  },
  'delete and upload again, the upload crashes': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    before: 1,
    crash: 2,
    end: BEAR.put,
  },
  'delete and upload again, the delete crashes': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    before: 1,
    crash: 1,
    end: BEAR.put,
  },
  'upload, delete and upload again': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'an event twice, one of them crashes': { versioned: false, acts: [LION], duplicates: [0], crash: 0, end: LION.put },
  'the older event twice': {
    versioned: false,
    acts: [LION, BEAR],
    duplicates: [0],
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'no image after an image, the older crashes': { versioned: false, acts: [LION, NOISE], crash: 0, end: NOISE.put },
  'no image after an image, the newer crashes': { versioned: false, acts: [LION, NOISE], crash: 1, end: NOISE.put },
  'an image after none, the older crashes': { versioned: false, acts: [NOISE, LION], crash: 0, end: LION.put },
  'nothing in the object after an image': { versioned: false, acts: [LION, { put: '' }], crash: 0, end: '' },
  'a record of an earlier version and a backfill': {
    versioned: false,
    acts: [LION],
    before: 1,
    isRecordOld: true,
    backfillAfter: 1,
    end: LION.put,
  },
  'a record of an earlier version, a backfill and another upload, which crashes': {
    versioned: false,
    acts: [LION, BEAR],
    before: 1,
    isRecordOld: true,
    backfillAfter: 1,
    crash: 1,
    maxInterruptions: 1,
    end: BEAR.put,
  },
  'a record of an earlier version, a backfill and a deletion, which crashes': {
    versioned: false,
    acts: [LION, 'delete'],
    before: 1,
    isRecordOld: true,
    backfillAfter: 1,
    crash: 1,
    end: null,
  },
  'upload and backfill, the upload crashes': {
    versioned: false,
    acts: [LION],
    backfillAfter: 1,
    crash: 0,
    end: LION.put,
  },
  'an upload that was answered, its duplicate and a backfill by another model': {
    versioned: false,
    acts: [LION],
    before: 1,
    duplicates: [0],
    backfillAfter: 1,
    isBackfillOfOther: true,
    maxInterruptions: 1,
    end: LION.put,
  },
  'two uploads and a backfill': {
    versioned: false,
    acts: [LION, BEAR],
    backfillAfter: 1,
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'a backfill and a delete': { versioned: false, acts: [LION, 'delete'], lost: [0], backfillAfter: 1, end: null },
  'a backfill finds the event of a second upload lost': {
    versioned: false,
    acts: [LION, BEAR],
    before: 1,
    lost: [1],
    backfillAfter: 2,
    end: BEAR.put,
  },
  'a backfill finds the event of an upload after a delete lost': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    before: 2,
    lost: [2],
    backfillAfter: 3,
    end: BEAR.put,
  },
};

describe('every interleaving, and a crash at every step, ends in the state of the newest event', () => {
  test.each(Object.entries(scenarios))('%s', async (_title, scenario) => {
    const tags = await explore(scenario, 'tags');
    const rows = await explore(scenario, 'rows');

    expect(Math.min(tags.ends, rows.ends)).toBeGreaterThan(0);
  });

  test('two uploads, the newer comes with the tags that it will get', async () => {
    const scenario: Scenario = {
      versioned: false,
      acts: [LION, { ...BEAR, isCopy: true }],
      hasLateTags: true,
      maxInterruptions: 3,
      end: BEAR.put,
    };
    const { ends } = await explore(scenario, 'tags');

    expect(ends).toBeGreaterThan(0);
  });

  test('two uploads, tags and label rows together', async () => {
    const { ends } = await explore({ versioned: false, acts: [LION, BEAR], end: BEAR.put }, 'both');

    expect(ends).toBeGreaterThan(0);
  });
});
