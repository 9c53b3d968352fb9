import type { Environment } from '../environment.ts';
import type { RouteSettings } from './route.ts';

type HeavyVariables = Pick<
  Environment,
  'AUTOSWIFTNET_HEAVY_MODEL' | 'AUTOSWIFTNET_HEAVY_MODELS' | 'AUTOSWIFTNET_HEAVY_QUEUE_URL'
>;

/**
 * Makes the settings of `chooseRoute` from the environment.
 * @param small names of the models that answer here, the default one first
 */
export function toRouteSettings(
  small: RouteSettings['small'],
  environment: HeavyVariables & Pick<Environment, 'AUTOSWIFTNET_MODEL_RULES' | 'AUTOSWIFTNET_CASCADE_THRESHOLD'>,
): RouteSettings {
  return {
    small,
    heavy: heavyModelNames(environment),
    rules: environment.AUTOSWIFTNET_MODEL_RULES,
    cascadeThreshold: environment.AUTOSWIFTNET_CASCADE_THRESHOLD,
  };
}

/**
 * Lists the heavy models, first the one that `auto` asks. Without a heavy queue there are none,
 * even if they are named.
 */
export function heavyModelNames({
  AUTOSWIFTNET_HEAVY_MODEL: first,
  AUTOSWIFTNET_HEAVY_MODELS: more,
  AUTOSWIFTNET_HEAVY_QUEUE_URL: queueUrl,
}: HeavyVariables): string[] {
  if (queueUrl === null) return [];
  return [...new Set(first === null ? more : [first, ...more])];
}
