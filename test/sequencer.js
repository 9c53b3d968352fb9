import Sequencer from '@jest/test-sequencer';

/**
 * Files that take ten seconds and more, the longest first (`node --import tsx bench/suite.ts`).
 * Jest orders files by their size until it has seen how long they take, so on a fresh clone one of
 * these would come last and run alone, while the other worker has nothing left to do.
 */
const LONGEST = [
  // Its worker builds the package. The next file needs none, so that the other worker does not wait.
  'web/chromium/page',
  'functions/tag-upload/interleaving-batch',
  'integration/clients/clients',
  'functions/gpu-worker/main',
  'infra/lint',
  'functions/tag-upload/interleaving',
  'models/quantize',
  'cli/main',
  'infra/boot/arm64',
  'functions/api/image-events',
  'classifier/decode/heif/heif-enc',
  'classifier/decode/large-files',
  'integration/restart',
  'web/chromium/sign-in',
  'cli/released-models',
  'infra/boot/x64',
  'cli/classify-all/classify-all',
  'faults/tagging',
  'integration/heavy-model',
  'scripts/build',
  'functions/gpu-worker/inference/engine',
  'functions/api/serve.fuzz',
  'functions/tag-upload/interleaving-heavy',
  'cli/doctor/aws',
  'layers/image-files',
  'cli/doctor/local',
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
