import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoints } from './checkpoints/trial.ts';
import { openEvents } from './events/trial.ts';
import { type Trial, VALID } from './kind.ts';
import { openPackages } from './packages/trial.ts';
import { pictureCorpus } from './pictures/corpus.ts';
import { pictureAttempt } from './pictures/trial.ts';
import { openRequests } from './requests/trial.ts';
import { addResult, emptyTally } from './tally.ts';
import { openTexts } from './texts/trial.ts';
import { tryInput } from './try-input.ts';

/** Another one than that of the committed results, so that these inputs are new ones. */
const SEED = 20_261_127;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-hostile-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Without blocking libvips' other loaders, which would last for all tests of this process. */
async function openPictures(): Promise<Trial> {
  const corpus = await pictureCorpus();
  return { make: (random) => pictureAttempt(random, corpus), close: async () => undefined };
}

test.each<[string, (folder: string) => Promise<Trial>, number]>([
  ['pictures', openPictures, 200],
  ['checkpoints', openCheckpoints, 200],
  ['events', openEvents, 300],
  ['packages', openPackages, 200],
  ['texts', openTexts, 200],
  ['requests', openRequests, 60],
])('hostile %s are answered rightly or refused by name', async (_kind, open, inputs) => {
  const trial = await open(folder);
  const tally = emptyTally();
  try {
    for (let index = 0; index < inputs; index += 1) addResult(tally, await tryInput(trial, SEED, index));
  } finally {
    await trial.close();
  }

  expect(tally.faults).toEqual([]);
  // If all were refused, or none, the inputs would prove nothing.
  const { [VALID]: valid = 0, ...refused } = tally.outcomes;
  expect(valid).toBeGreaterThan(inputs / 50);
  expect(Object.values(refused).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(inputs / 10);
  expect(Object.keys(refused).length).toBeGreaterThan(1);
});
