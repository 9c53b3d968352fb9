import { explore, type Scenario } from './interleaving-world.ts';

const LION = { put: 'lion cub' };
const BEAR = { put: 'bear' };
const NOISE = { put: 'bad noise' };

const scenarios: Record<string, Scenario> = {
  'an upload': { versioned: false, acts: [LION], userChanges: 2, end: LION.put },
  'an upload, the function crashes': { versioned: false, acts: [LION], userChanges: 2, crash: 0, end: LION.put },
  'an event twice': { versioned: false, acts: [LION], duplicates: [0], userChanges: 1, end: LION.put },
  'two uploads': { versioned: false, acts: [LION, BEAR], userChanges: 1, end: BEAR.put },
  'two uploads with versions, the newer crashes': {
    versioned: true,
    acts: [LION, BEAR],
    userChanges: 1,
    crash: 1,
    maxInterruptions: 1,
    end: BEAR.put,
  },
  'upload and backfill': { versioned: false, acts: [LION], backfillAfter: 1, userChanges: 1, end: LION.put },
  'the small answer and the heavy one, the worker crashes': {
    versioned: false,
    acts: [LION],
    answers: 'both',
    heavyMessages: 1,
    heavyCrash: 0,
    userChanges: 2,
    end: LION.put,
  },
};

describe('a user changes a tag at any moment: their last change and our tags are both there in the end', () => {
  test.each(Object.entries(scenarios))('%s', async (_title, scenario) => {
    const { ends, keptUserChanges } = await explore(scenario, 'tags');

    expect(keptUserChanges).toBeGreaterThan(0);
    // Some changes come between our read and our write, where S3 lets nobody keep them.
    expect(keptUserChanges).toBeLessThan(ends);
  });

  test('no image: there is nothing to write, so every change stays', async () => {
    const scenario: Scenario = { versioned: false, acts: [NOISE], crash: 0, userChanges: 2, end: NOISE.put };
    const { ends, keptUserChanges } = await explore(scenario, 'tags');

    expect(keptUserChanges).toBe(ends);
  });
});
