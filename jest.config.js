// The AWS SDK asks for Node 22 from 2027. It says so once in each process, and a run has dozens.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// ONNX Runtime reads the process' real environment, which a test file's copy of it never reaches. With
// telemetry on it would write log files to the temporary folder.
process.env.ORT_DISABLE_TELEMETRY = '1';
process.env.AUTOSWIFTNET_OFFLINE = '1';

/** Tests run as native ES modules (`node --experimental-vm-modules`); @swc/jest only strips the types. */
export default {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: '<rootDir>/test/environment.js',
  setupFiles: ['<rootDir>/test/quiet-runtime.cjs'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '<rootDir>/test/transform.js',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testSequencer: '<rootDir>/test/sequencer.js',
  reporters: ['default', '<rootDir>/test/summary-reporter.js'],
  // Ends what hangs, and nothing else: no test depends on how busy the machine is.
  testTimeout: 180_000,
  maxWorkers: 2,
  // A worker that has run sixty files takes a second or two to give its memory back.
  workerGracefulExitTimeout: 60_000,
};
