import { explore, type Scenario } from './interleaving-world.ts';

const LION = { put: 'lion cub' };
const BEAR = { put: 'bear' };
const NOISE = { put: 'bad noise' };

const scenarios: Record<string, Scenario> = {
  'two uploads': { versioned: false, isBatch: true, acts: [LION, BEAR], end: BEAR.put },
  'two uploads, the function crashes': { versioned: false, isBatch: true, acts: [LION, BEAR], crash: 0, end: BEAR.put },
  'two uploads with versions': { versioned: true, isBatch: true, acts: [BEAR, LION], end: LION.put },
  'an event twice, the function crashes': {
    versioned: false,
    isBatch: true,
    acts: [LION],
    duplicates: [0],
    crash: 0,
    end: LION.put,
  },
  'an upload and its deletion, the function crashes': {
    versioned: false,
    isBatch: true,
    acts: [LION, 'delete'],
    crash: 0,
    end: null,
  },
  'an upload and the end of its version, the function crashes': {
    versioned: true,
    isBatch: true,
    acts: [LION, { deleteVersion: 'v1' }],
    crash: 0,
    end: null,
  },
  'no image after an image, the function crashes': {
    versioned: false,
    isBatch: true,
    acts: [LION, NOISE],
    crash: 0,
    end: NOISE.put,
  },
};

describe('two messages of one batch about one object: in every order, and with a crash of the function, the newest event stands', () => {
  test.each(Object.entries(scenarios))('%s', async (_title, scenario) => {
    const tags = await explore(scenario, 'tags');
    const rows = await explore(scenario, 'rows');

    expect(Math.min(tags.ends, rows.ends)).toBeGreaterThan(0);
  });

  test('a user changes a tag at any moment: the last change is there in the end', async () => {
    const scenario: Scenario = {
      versioned: false,
      isBatch: true,
      acts: [LION, BEAR],
      userChanges: 1,
      maxInterruptions: 1,
      end: BEAR.put,
    };
    const { keptUserChanges } = await explore(scenario, 'tags');

    expect(keptUserChanges).toBeGreaterThan(0);
  });
});
