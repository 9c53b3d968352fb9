/** A request that some model is to answer. Null: not said. */
export interface RouteRequest {
  /** The API's `model=`. */
  readonly asked: string | null;
  /** The object's own wish: its metadata `x-amz-meta-autoswiftnet-model`. */
  readonly metadata: string | null;
  /** The object's key, which the prefix rules look at. */
  readonly key: string | null;
}

/** Which models there are, and what applies where nobody asks. */
export interface RouteSettings {
  /** Names of the models that answer here and now, the default one first. */
  readonly small: readonly [string, ...string[]];
  /** Names of the models that answer by the heavy queue, the one that `auto` asks first. Empty: there is no heavy queue. */
  readonly heavy: readonly string[];
  /** Model's name, or `auto`, by prefix of the key; the longest that fits counts. */
  readonly rules: Readonly<Record<string, string>>;
  /** `auto` asks the heavy model when the small one's best probability is under this, 0 to 1. */
  readonly cascadeThreshold: number;
}

/** Which model answers. */
export type Route =
  | { readonly kind: 'small'; readonly model: string }
  | { readonly kind: 'heavy'; readonly model: string }
  /** `small` at once, and `heavy` as well when {@link isUnsure} of its answer. */
  | { readonly kind: 'cascade'; readonly small: string; readonly heavy: string; readonly threshold: number }
  /** There is no such model. `models` are the names that there are. */
  | { readonly kind: 'unknown'; readonly asked: string; readonly models: readonly string[] };

/** In place of a model's name: the small one, and the heavy one when that is unsure. */
export const AUTO = 'auto';

/** Of an object's metadata; S3's header is `x-amz-meta-autoswiftnet-model`. */
export const MODEL_METADATA = 'autoswiftnet-model';

/**
 * Decides which model answers: what the request asks for, else the object's metadata, else the longest prefix rule, else the default
 * small model. Without a heavy model `auto` is the small one.
 */
export function chooseRoute(request: RouteRequest, settings: RouteSettings): Route {
  const { small, heavy, rules, cascadeThreshold } = settings;
  const [defaultSmall] = small;
  const asked = request.asked ?? request.metadata ?? ruleFor(request.key, rules) ?? defaultSmall;
  if (asked === AUTO) {
    const [escalation] = heavy;
    return escalation === undefined
      ? { kind: 'small', model: defaultSmall }
      : { kind: 'cascade', small: defaultSmall, heavy: escalation, threshold: cascadeThreshold };
  }
  // A model that is there in both places answers at once.
  if (small.includes(asked)) return { kind: 'small', model: asked };
  if (heavy.includes(asked)) return { kind: 'heavy', model: asked };
  return { kind: 'unknown', asked, models: [...small, ...heavy] };
}

/** Whether the best of a small model's predictions is under the threshold; of none, there is nothing to be unsure of. */
export function isUnsure(predictions: readonly { readonly probability: number }[], threshold: number): boolean {
  const [best] = predictions;
  return best !== undefined && best.probability < threshold;
}

function ruleFor(key: string | null, rules: RouteSettings['rules']): string | undefined {
  if (key === null) return undefined;
  const [longest] = Object.entries(rules)
    .filter(([prefix]) => key.startsWith(prefix))
    .sort(([a], [b]) => b.length - a.length);
  return longest?.[1];
}
