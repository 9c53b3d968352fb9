import type { Configuration } from '../configuration/configuration.ts';

/** The settings of the backfill, by the names of their configuration keys. */
export const BACKFILL_SETTINGS = [
  'backfillConcurrency',
  'inventoryBucket',
] as const satisfies readonly (keyof Configuration)[];

export type BackfillSettings = Pick<Configuration, (typeof BACKFILL_SETTINGS)[number]>;
