import { openCheckpoints } from './checkpoints/trial.ts';
import { openEvents } from './events/trial.ts';
import type { OpenTrial } from './kind.ts';
import { openPackages } from './packages/trial.ts';
import { openBombs } from './pictures/bomb-trial.ts';
import { openPictures } from './pictures/trial.ts';
import { openRequests } from './requests/trial.ts';
import { openTexts } from './texts/trial.ts';

/** The kinds of hostile input, by name. */
export const KINDS: Readonly<Record<string, OpenTrial>> = {
  pictures: openPictures,
  bombs: openBombs,
  checkpoints: openCheckpoints,
  events: openEvents,
  packages: openPackages,
  requests: openRequests,
  texts: openTexts,
};
