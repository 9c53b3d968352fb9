import type { Configuration } from '../configuration/configuration.ts';

/** The settings that all constructs share, by the names of their configuration keys. */
export const CORE_SETTINGS = [
  'architecture',
  'memoryMb',
  'tagConcurrency',
  'tagBatchSize',
  'tagBatchWindowSeconds',
  'tagLabels',
  'tagThreshold',
  'tagConcept',
  'conceptThreshold',
  'indexThreshold',
  'maxImageBytes',
  'maxImagePixels',
  'heic',
  'corsOrigins',
  'noncurrentDays',
  'logRetentionDays',
  'tracing',
  'protect',
  'keepData',
] as const satisfies readonly (keyof Configuration)[];

export type CoreSettings = Pick<Configuration, (typeof CORE_SETTINGS)[number]>;
