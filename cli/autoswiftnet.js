#!/usr/bin/env node
// Runs the command line from a clone (TypeScript, through tsx) and from the published package (compiled) alike.
import { existsSync } from 'node:fs';

if (existsSync(new URL('./main.ts', import.meta.url))) {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
} else {
  await import('./main.js');
}
