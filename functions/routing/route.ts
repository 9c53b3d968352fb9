/** The facts that decide which model answers. Null: not given. */
export interface RouteRequest {
  /** The model that the API's `model=` names. */
  readonly requestedByCaller: string | null;
  /** The model that the object's metadata `x-amz-meta-autoswiftnet-model` names. */
  readonly requestedByObject: string | null;
  /** The object's key. The prefix rules look at it. */
  readonly key: string | null;
}

/** Which models there are, and which one answers when none is requested. */
export interface RouteSettings {
  /** Names of the models that answer here and now, the default one first. */
  readonly small: readonly [string, ...string[]];
  /**
   * Names of the models that answer through the heavy queue. `auto` asks the first one. Empty:
   * there is no heavy queue.
   */
  readonly heavy: readonly string[];
  /** A model's name, or `auto`, by key prefix. The longest prefix that matches counts. */
  readonly rules: Readonly<Record<string, string>>;
  /** `auto` asks the heavy model when the small one's best probability is under this, 0 to 1. */
  readonly cascadeThreshold: number;
}

/** Which model answers. */
export type Route =
  | { readonly kind: 'small'; readonly model: string }
  | { readonly kind: 'heavy'; readonly model: string }
  /**
   * `small` answers at once. `heavy` answers as well if {@link isUnsure} is true for that answer.
   */
  | { readonly kind: 'cascade'; readonly small: string; readonly heavy: string; readonly threshold: number }
  /** There is no model of the requested name. `models` are the names that exist. */
  | { readonly kind: 'unknown'; readonly requestedModel: string; readonly models: readonly string[] };

/**
 * Used instead of a model's name. The small model answers, and the heavy one as well if the small
 * one is unsure.
 */
export const AUTO = 'auto';

/**
 * Name of the object metadata that requests a model. S3's header is
 * `x-amz-meta-autoswiftnet-model`.
 */
export const MODEL_METADATA = 'autoswiftnet-model';

/**
 * Decides which model answers: the one that the caller requests, else the one that the object
 * requests, else the longest prefix rule's, else the default small model. Without a heavy model
 * `auto` means the small one.
 */
export function chooseRoute(request: RouteRequest, settings: RouteSettings): Route {
  const { small, heavy, rules, cascadeThreshold } = settings;
  const [defaultSmall] = small;
  const { requestedByCaller, requestedByObject, key } = request;
  const name = requestedByCaller ?? requestedByObject ?? ruleFor(key, rules) ?? defaultSmall;
  if (name === AUTO) {
    const [escalation] = heavy;
    return escalation === undefined
      ? { kind: 'small', model: defaultSmall }
      : { kind: 'cascade', small: defaultSmall, heavy: escalation, threshold: cascadeThreshold };
  }
  // A model that is in both lists answers at once.
  if (small.includes(name)) return { kind: 'small', model: name };
  if (heavy.includes(name)) return { kind: 'heavy', model: name };
  return { kind: 'unknown', requestedModel: name, models: [...small, ...heavy] };
}

/**
 * Whether the best of a small model's predictions is under the threshold. False if there are none.
 */
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
