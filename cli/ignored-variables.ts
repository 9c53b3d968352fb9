import { environmentSchema, type Variables } from '../functions/environment.ts';
import { stackEnvironmentSchema } from '../local/stack-settings.ts';
import { commandLineSchema } from './settings.ts';
import { SETTINGS_PAGE } from './unknown-variables.ts';

/** Makes a warning for each setting that is set and that `start` does not use. */
export function ignoredVariables(variables: Variables): string[] {
  const used: object = { ...stackEnvironmentSchema.shape, ...commandLineSchema.shape };
  return Object.keys(environmentSchema.shape)
    .filter((name) => !(name in used) && variables[name])
    .map((name) => `start ignores ${name}: it has its own value (${SETTINGS_PAGE})`);
}
