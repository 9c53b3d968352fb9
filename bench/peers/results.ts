import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Agreement } from './answers.ts';
import type { Figure, Ratio } from './rounds.ts';
import type { Skipped } from './sides.ts';

/** What main.ts measures. */
export interface Measured {
  /** What the pictures were made from. */
  readonly pictures: string;
  /** Whether every side was kept on one processor core. */
  readonly oneCore: boolean;
  readonly skipped: readonly Skipped[];
  readonly agreement: readonly (Agreement & { readonly network: string })[];
  readonly figures: readonly Figure[];
  readonly ratios: readonly Ratio[];
}

/** A result as it is committed. */
export interface Results extends Measured {
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly instructions: readonly string[] };
  readonly versions: Readonly<Record<string, string>>;
}

const COMMITTED = fileURLToPath(new URL('../results/peers.json', import.meta.url));

/** Reads a result. Default: the committed one. */
export function readResults(file: string = COMMITTED): Results {
  return JSON.parse(readFileSync(file, 'utf8'));
}
