import * as z from 'zod';
import { CUDA_GRAPH_FILE, GRAPH_FILE, HIERARCHY_FILE, MANIFEST_FILE, WEIGHTS_FILE } from '../classifier/manifest.ts';
import { EXECUTION_PROVIDERS } from '../classifier/onnx-runtime.ts';
import { ALLOWED_ORIGIN } from './allowed-origin.ts';

/**
 * The kinds of environment variables. The text of a check follows the word "expected" in its error.
 */

/** Allowed names of models. A model's name is also the name of its folder. */
export const MODEL_NAME = /^(?!\.{1,2}$)[^/\\]{1,255}$/;

export function text(expected: string) {
  return z.string(expected).min(1, expected);
}

export function url(expected: string) {
  return z.url({ protocol: /^https?$/, error: expected });
}

export function modelName() {
  const expected = "the name of a model package's folder";
  return z.string(expected).regex(MODEL_NAME, expected);
}

export function modelNames() {
  const expected = "names of model packages' folders, separated by commas";
  return z
    .string(expected)
    .transform((text) => text.split(',').map((name) => name.trim()))
    .refine((names) => names.every((name) => MODEL_NAME.test(name)), expected);
}

export function origins() {
  const expected = 'origins such as https://example.org, separated by commas, each with at most one *';
  return z
    .string(expected)
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine((all) => all.every((origin) => ALLOWED_ORIGIN.test(origin)), expected);
}

export function modelRules() {
  const expected = 'a JSON object that maps key prefixes to model names, such as {"scans/":"auto"}';
  return json(expected, z.record(z.string(), z.string().regex(MODEL_NAME)));
}

export function heavyPackages() {
  const expected =
    'a JSON object that maps each model name to a folder, or to an object that has {"url": "s3://BUCKET/KEY", "sha256": "…"} for each of "model.json", "model.onnx" and "weights.bin", and for "model.cuda.onnx" and "hierarchy.json" if the package has them';
  const file = z.strictObject({
    url: z.string().regex(/^s3:\/\/[^/]+\/.+$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  });
  const files = z.strictObject({
    [MANIFEST_FILE]: file,
    [GRAPH_FILE]: file,
    [CUDA_GRAPH_FILE]: file.exactOptional(),
    [WEIGHTS_FILE]: file,
    [HIERARCHY_FILE]: file.exactOptional(),
  });
  return json(expected, z.record(z.string().regex(MODEL_NAME), z.union([z.string().min(1), files])));
}

export function watchedObjects() {
  const expected = 'a JSON list of {"bucket": "…", "prefix": "…", "suffix": "…"}';
  const one = z.strictObject({ bucket: z.string().min(1), prefix: z.string(), suffix: z.string() });
  return json(expected, z.array(one).min(1));
}

export function providers() {
  const expected = `one or more of ${EXECUTION_PROVIDERS.join(', ')}, each at most once, separated by commas`;
  return z
    .string(expected)
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(EXECUTION_PROVIDERS, expected)))
    .refine((names) => new Set(names).size === names.length, expected);
}

/** Parses JSON text and checks it by `schema`. An error inside the JSON names its place. */
function json<Schema extends z.ZodType>(expected: string, schema: Schema) {
  return z.string(expected).transform((text, context): z.output<Schema> => {
    const parsed = schema.safeParse(toJson(text));
    if (parsed.success) return parsed.data;
    const place = parsed.error.issues[0]?.path.join('.');
    context.addIssue({ code: 'custom', message: place ? `${expected} (at ${place})` : expected });
    return z.NEVER;
  });
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function integer(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z
    .string(expected)
    .regex(/^\d{1,15}$/, { error: expected, abort: true })
    .transform(Number)
    .pipe(z.number().min(least, expected).max(most, expected));
}

export function share() {
  const expected = 'a number from 0 to 1';
  return z
    .string(expected)
    .regex(/^\d{0,3}(\.\d{1,15})?$/, { error: expected, abort: true })
    .transform(Number)
    .pipe(z.number(expected).min(0, expected).max(1, expected));
}
