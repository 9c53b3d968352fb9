import { explore, type Scenario } from './interleaving-world.ts';

const LION = { put: 'lion cub' };
const BEAR = { put: 'bear' };
const NOISE = { put: 'bad noise' };

/**
 * `both`: the small model answers and, unsure of everything, asks the heavy one. Its answer is the
 * last word on an upload.
 */
const scenarios: Record<string, Scenario> = {
  'an upload': { versioned: false, acts: [LION], answers: 'both', heavyMessages: 1, end: LION.put },
  'an upload, the function crashes': {
    versioned: false,
    acts: [LION],
    answers: 'both',
    crash: 0,
    heavyMessages: 2,
    maxInterruptions: 3,
    end: LION.put,
  },
  'an upload, the worker crashes': {
    versioned: false,
    acts: [LION],
    answers: 'both',
    heavyMessages: 1,
    heavyCrash: 0,
    end: LION.put,
  },
  'an upload, its event and the message of it twice': {
    versioned: false,
    acts: [LION],
    answers: 'both',
    duplicates: [0],
    heavyMessages: 2,
    maxInterruptions: 1,
    end: LION.put,
  },
  'two uploads': {
    versioned: false,
    acts: [LION, BEAR],
    answers: 'both',
    heavyMessages: 2,
    maxInterruptions: 1,
    end: BEAR.put,
  },
  'two uploads, fewer labels first, with versions': {
    versioned: true,
    acts: [BEAR, LION],
    answers: 'both',
    heavyMessages: 2,
    maxInterruptions: 1,
    end: LION.put,
  },
  'two uploads, the worker crashes at the older': {
    versioned: false,
    acts: [LION, BEAR],
    answers: 'both',
    heavyMessages: 2,
    heavyCrash: 0,
    maxInterruptions: 0,
    end: BEAR.put,
  },
  'an upload and its deletion': {
    versioned: false,
    acts: [LION, 'delete'],
    answers: 'both',
    heavyMessages: 1,
    maxInterruptions: 3,
    end: null,
  },
  'an upload and the end of its version': {
    versioned: true,
    acts: [LION, { deleteVersion: 'v1' }],
    answers: 'both',
    heavyMessages: 1,
    maxInterruptions: 3,
    end: null,
  },
  'no image after an image': {
    versioned: false,
    acts: [LION, NOISE],
    answers: 'both',
    heavyMessages: 2,
    maxInterruptions: 2,
    end: NOISE.put,
  },
  'an upload that a backfill finds as well': {
    versioned: false,
    acts: [LION],
    answers: 'both',
    backfillAfter: 1,
    heavyMessages: 2,
    maxInterruptions: 1,
    end: LION.put,
  },
  'a backfill finds an upload whose event was lost': {
    versioned: false,
    acts: [LION],
    answers: 'both',
    lost: [0],
    backfillAfter: 1,
    heavyMessages: 1,
    heavyCrash: 0,
    end: LION.put,
  },
  'a backfill finds a second upload whose event was lost, after the heavy answer to the first': {
    versioned: false,
    acts: [LION, BEAR],
    answers: 'both',
    before: 1,
    lost: [1],
    backfillAfter: 2,
    heavyMessages: 2,
    maxInterruptions: 1,
    end: BEAR.put,
  },
  'two uploads that only the heavy model answers': {
    versioned: false,
    acts: [LION, BEAR],
    answers: 'heavy',
    heavyMessages: 2,
    end: BEAR.put,
  },
  'an upload that only the heavy model answers, the function crashes': {
    versioned: false,
    acts: [LION],
    answers: 'heavy',
    crash: 0,
    heavyMessages: 2,
    end: LION.put,
  },
};

describe('in every order of arrival, and with a crash at every step, the heavy answer to the newest upload stands', () => {
  test.each(Object.entries(scenarios))('%s', async (_title, scenario) => {
    const tags = await explore(scenario, 'tags');
    const rows = await explore(scenario, 'rows');

    expect(Math.min(tags.ends, rows.ends)).toBeGreaterThan(0);
  });
});
