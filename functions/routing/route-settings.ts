import type { Environment } from '../environment.ts';
import type { RouteSettings } from './route.ts';

/**
 * Makes the settings of `chooseRoute` from the environment. Without a heavy queue there are no
 * heavy models, even if they are named.
 * @param small names of the models that answer here, the default one first
 */
export function toRouteSettings(
  small: RouteSettings['small'],
  environment: Pick<
    Environment,
    | 'AUTOSWIFTNET_HEAVY_MODEL'
    | 'AUTOSWIFTNET_HEAVY_MODELS'
    | 'AUTOSWIFTNET_HEAVY_QUEUE_URL'
    | 'AUTOSWIFTNET_MODEL_RULES'
    | 'AUTOSWIFTNET_CASCADE_THRESHOLD'
  >,
): RouteSettings {
  const { AUTOSWIFTNET_HEAVY_MODEL: first, AUTOSWIFTNET_HEAVY_MODELS: more } = environment;
  const named = first === null ? more : [first, ...more];
  return {
    small,
    heavy: environment.AUTOSWIFTNET_HEAVY_QUEUE_URL === null ? [] : [...new Set(named)],
    rules: environment.AUTOSWIFTNET_MODEL_RULES,
    cascadeThreshold: environment.AUTOSWIFTNET_CASCADE_THRESHOLD,
  };
}
