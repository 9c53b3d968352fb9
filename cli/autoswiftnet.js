#!/usr/bin/env node
// Runs the command line from a clone: TypeScript, through tsx. The published package has a file of
// this name that runs compiled code.
import { printVersion } from './print-version.js';

if (!printVersion(process.argv.slice(2))) {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}
