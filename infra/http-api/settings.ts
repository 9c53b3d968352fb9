import type { Configuration } from '../configuration/configuration.ts';

/** The settings of the API, by the names of their configuration keys. */
export const API_SETTINGS = [
  'apiConcurrency',
  'apiProvisionedConcurrency',
  'throttleRate',
  'throttleBurst',
  'jwtIssuer',
  'jwtAudience',
  'oidcClientId',
  'domainName',
] as const satisfies readonly (keyof Configuration)[];

export type ApiSettings = Pick<Configuration, (typeof API_SETTINGS)[number]>;
