import { Token } from 'aws-cdk-lib';
import { ConfigurationError } from '../../functions/errors.ts';
import { type Configuration, configurationSchema } from './configuration.ts';
import { shownValue } from './shown-value.ts';

/**
 * Reads some settings from the props of a construct, with the defaults and limits of the
 * configuration keys of the same names. Other props are left alone, and text that CloudFormation
 * fills in is not checked.
 * @param construct its name, for the error
 * @throws {ConfigurationError} in one line, about the first wrong prop: what it must be, and what it
 * is
 */
export function readSettings<const Key extends keyof Configuration>(
  construct: string,
  keys: readonly Key[],
  props: Readonly<Partial<Record<Key, unknown>>>,
): Pick<Configuration, Key> {
  const entries = keys.filter((key) => props[key] !== undefined).map((key) => [key, props[key]] as const);
  // CloudFormation fills them in, so they cannot be checked here.
  const unresolved = entries.filter(([, value]) => typeof value === 'string' && Token.isUnresolved(value));
  const given = Object.fromEntries(entries.filter((entry) => !unresolved.includes(entry)));
  const mask = Object.fromEntries(keys.map((key) => [key, true]));
  const parsed = configurationSchema.pick(mask as Partial<Record<keyof Configuration, true>>).safeParse(given);
  if (parsed.success) return { ...parsed.data, ...Object.fromEntries(unresolved) } as Pick<Configuration, Key>;
  const [issue] = parsed.error.issues;
  const key = String(issue?.path[0]);
  throw new ConfigurationError(
    `the prop ${key} of ${construct} must be ${issue?.message}, but it is ${shownValue(given[key])}.`,
    parsed.error,
  );
}
