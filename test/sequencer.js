import Sequencer from '@jest/test-sequencer';

/**
 * Files that take ten seconds and more, the longest first (an idle 2-core machine, 2026-11-27).
 * Jest orders files by their size until it has seen how long they take, so on a fresh clone one of
 * these would come last and run alone, while the other worker has nothing left to do.
 */
const LONGEST = [
  'functions/tag-upload/interleaving',
  'web/chromium/page',
  'models/quantize',
  'functions/gpu-worker/main',
  'integration/clients/clients',
  'infra/boot/arm64',
  'integration/restart',
  'web/chromium/sign-in',
  'cli/released-models',
  'infra/boot/x64',
  'functions/tag-upload/interleaving-heavy',
  'cli/main',
  'functions/tag-upload/interleaving-batch',
  'layers/image-files',
  'infra/lint',
  'classifier/decode/large-files',
  'faults/tagging',
  'cli/doctor/local',
  'scripts/build',
];

/** Jest's own order, except that the longest files start first. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ path }) {
  const place = LONGEST.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return place === -1 ? LONGEST.length : place;
}
