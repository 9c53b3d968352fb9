import everything from './jest.config.js';

/**
 * The fast half of the suite: without the tests that start processes, browsers or whole stacks, or
 * that calibrate and convert at length. The gate runs it once more on Node 24.
 */
const SLOW = [
  'bench/load/load',
  'classifier/decode/heif/heif-enc',
  'cli',
  'docs/own-models',
  'faults/tagging',
  'functions/gpu-worker',
  'functions/tag-upload/interleaving',
  'infra',
  'integration',
  'layers',
  'local/(stack|services|function-host|event-source|page|gateway)',
  'models/(quantize|halve|sample)',
  'scripts',
  'web/chromium',
];

export default {
  ...everything,
  testPathIgnorePatterns: ['/node_modules/', ...SLOW.map((path) => `<rootDir>/test/${path}`)],
};
