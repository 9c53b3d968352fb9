import { ConfigurationError } from '../../functions/errors.ts';
import { AUTO } from '../../functions/routing/route.ts';
import { PROP_KINDS, requireProps } from '../configuration/require-props.ts';
import type { HeavyModelsProps } from './heavy-models-props.ts';

/** @throws {ConfigurationError} when there is no model, one is not a package, or two have one name */
export function requireModels(models: HeavyModelsProps['models'] | undefined): void {
  if (!Array.isArray(models) || models.length === 0) {
    throw new ConfigurationError('HeavyModels has no model: give at least one package in its prop models.');
  }
  for (const model of models) requireProps('HeavyModels', { models: model }, { models: PROP_KINDS.model });
  const names = models.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ConfigurationError(
      `the prop models of HeavyModels has ${twice} twice, and requests name a model by its name. Leave one out.`,
    );
  }
}

/** @throws {ConfigurationError} when a rule names a model that neither the service nor the worker has */
export function requireKnownModels(
  rules: Readonly<Record<string, string>>,
  { service, models }: Pick<HeavyModelsProps, 'service' | 'models'>,
): void {
  const known = [AUTO, service.core.variables.AUTOSWIFTNET_MODEL ?? '', ...models.map(({ name }) => name)];
  for (const [prefix, name] of Object.entries(rules)) {
    if (known.includes(name)) continue;
    throw new ConfigurationError(
      `modelRules has ${JSON.stringify(name)} for keys that begin with ${JSON.stringify(prefix)}, and there is no such model. Use one of ${known.join(', ')}.`,
    );
  }
}

/** @throws {ConfigurationError} when props about a given network and a created one are mixed */
export function requireOneNetwork({ vpc, subnets, network }: HeavyModelsProps): void {
  if (subnets !== undefined && vpc === undefined) {
    throw new ConfigurationError(
      'subnets selects from the subnets of vpc. Give HeavyModels vpc too, or leave subnets out and choose by network.',
    );
  }
  if (network !== undefined && vpc !== undefined) {
    throw new ConfigurationError(
      'network is about a network that is created, and vpc is one of your own. Give HeavyModels one of them; subnets selects from vpc.',
    );
  }
}
