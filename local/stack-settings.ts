import * as z from 'zod';
import { toLogin } from '../functions/api/login.ts';
import { environmentSchema, readEnvironment, type Variables } from '../functions/environment.ts';
import { FUNCTION_SETTINGS } from './function-environment.ts';

export type StackSettings = z.output<typeof stackEnvironmentSchema>;

/** The user's variables that the stack reads or passes on to its functions. */
export const stackEnvironmentSchema = z.object(
  pick(environmentSchema.shape, [...FUNCTION_SETTINGS, 'AUTOSWIFTNET_OIDC_TOKEN_URL']),
);

/**
 * Reads the settings of the stack. Those that only a function uses are checked too: the function
 * would stop with the same error, but only after the models were opened.
 * @throws {ConfigurationError} naming every variable that is wrong
 */
export function readStackSettings(variables: Variables): StackSettings {
  const settings = readEnvironment(stackEnvironmentSchema, variables);
  toLogin(settings);
  return settings;
}

function pick<Shape extends object, Name extends keyof Shape>(shape: Shape, names: readonly Name[]): Pick<Shape, Name> {
  return Object.fromEntries(names.map((name) => [name, shape[name]])) as Pick<Shape, Name>;
}
