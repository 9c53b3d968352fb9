import { environmentSchema, type Variables } from '../functions/environment.ts';
import { stackEnvironmentSchema } from '../local/stack-settings.ts';
import { commandLineSchema } from './settings.ts';

/** Makes a warning for each setting that is set and that `start` does not use. */
export function ignoredVariables(variables: Variables): string[] {
  const used: object = { ...stackEnvironmentSchema.shape, ...commandLineSchema.shape };
  return Object.keys(environmentSchema.shape)
    .filter((name) => !(name in used) && variables[name])
    .map((name) => `start ignores ${name}: ${reasonOf(name)}`);
}

function reasonOf(name: string): string {
  return name === 'AUTOSWIFTNET_HEAVY_MODELS'
    ? 'it runs one heavy model, that of --heavy-model or AUTOSWIFTNET_HEAVY_MODEL'
    : 'it has its own value (docs/settings.md)';
}
