import type { Configuration } from '../configuration/configuration.ts';

/** The settings of the heavy models, by the names of their configuration keys. */
export const HEAVY_SETTINGS = [
  'modelRules',
  'cascadeThreshold',
  'gpuInstanceTypes',
  'gpuSpot',
  'cpuFallback',
  'gpuMaxTasks',
  'gpuHoursPerDay',
  'gpuMessagesPerTask',
  'network',
] as const satisfies readonly (keyof Configuration)[];

export type HeavySettings = Pick<Configuration, (typeof HEAVY_SETTINGS)[number]>;
