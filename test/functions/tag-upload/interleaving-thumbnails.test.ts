import { explore, type Scenario } from './interleaving-world.ts';

const LION = { put: 'lion cub' };
const BEAR = { put: 'bear' };

const scenarios: Record<string, Scenario> = {
  'two uploads, the newer crashes': {
    versioned: false,
    acts: [LION, BEAR],
    before: 1,
    crash: 1,
    maxInterruptions: 1,
    end: BEAR.put,
  },
  'two uploads with versions': { versioned: true, acts: [LION, BEAR], maxInterruptions: 1, end: BEAR.put },
  'upload and delete, the delete crashes': {
    versioned: false,
    acts: [LION, 'delete'],
    maxInterruptions: 1,
    crash: 1,
    end: null,
  },
  'upload and the end of its version': { versioned: true, acts: [LION, { deleteVersion: 'v1' }], end: null },
  'upload, delete and upload again, the delete crashes': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    before: 1,
    crash: 1,
    maxInterruptions: 1,
    end: BEAR.put,
  },
  'a backfill finds the event of a second upload lost': {
    versioned: false,
    acts: [LION, BEAR],
    before: 1,
    lost: [1],
    backfillAfter: 2,
    end: BEAR.put,
  },
};

describe('whenever somebody asks for a thumbnail, none is left of an image that was replaced or deleted', () => {
  test.each(Object.entries(scenarios))('%s', async (_title, scenario) => {
    const { ends } = await explore({ ...scenario, isViewed: true }, 'rows');

    expect(ends).toBeGreaterThan(0);
  });

  test('that of an image which stays is kept', async () => {
    const { ends, keptThumbnails } = await explore(
      { versioned: false, acts: [LION], before: 1, isViewed: true, end: LION.put },
      'rows',
    );

    expect(ends).toBeGreaterThan(0);
    expect(keptThumbnails).toBe(ends);
  });
});
