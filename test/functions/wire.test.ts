import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { byKeySchema, inJsonSchema } from '../../functions/api/picture.ts';
import { uploadRequestSchema } from '../../functions/api/uploads.ts';
import * as wire from '../../functions/wire.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** What each schema of openapi.yaml is declared as. */
const DECLARED: Readonly<Record<string, z.core.$ZodType>> = {
  Problem: wire.problemSchema,
  GatewayMessage: wire.gatewayMessageSchema,
  ClassifyByKey: byKeySchema,
  ClassifyInJson: inJsonSchema,
  Prediction: wire.predictionSchema,
  Concept: wire.conceptSchema,
  Picture: wire.pictureSchema,
  Format: wire.formatSchema,
  Timings: wire.timingsSchema,
  Explanation: wire.explanationSchema,
  Classification: wire.classificationSchema,
  Reason: wire.reasonSchema,
  Job: wire.jobSchema,
  Image: wire.imageSchema,
  ImageList: wire.imageListSchema,
  UploadRequest: uploadRequestSchema,
  Upload: wire.uploadSchema,
  Knowledge: wire.knowledgeSchema,
  Model: wire.modelSchema,
  ModelList: wire.modelListSchema,
  LabelList: wire.labelListSchema,
  Health: wire.healthSchema,
};

const { components } = z
  .object({ components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }) })
  .parse(parse(readFileSync(new URL('../../functions/api/openapi.yaml', import.meta.url), 'utf8')));

/** Words for people, and what only one of the two can say. */
const LEFT_OUT = new Set([
  'description',
  'examples',
  '$schema',
  'contentMediaType',
  'contentEncoding',
  'propertyNames',
]);
const UNSAID_FORMATS: readonly unknown[] = ['uri-reference', 'base64'];

/** One spelling of what JSON Schema can say in several: references, null, constants, bounds of a safe integer. */
function toPlain(schema: JsonSchema): JsonSchema {
  const { $ref, anyOf, oneOf, ...own } = schema;
  if (typeof $ref === 'string') return toPlain(components.schemas[$ref.split('/').at(-1) ?? ''] ?? { missing: $ref });
  const choices = (anyOf ?? oneOf) as readonly JsonSchema[] | undefined;
  if (choices !== undefined) {
    const [rest = {}, ...more] = choices.filter(({ type }) => type !== 'null');
    return { ...toPlain(rest), isNullable: choices.length === 2 && more.length === 0 };
  }
  const { type, format, pattern, minimum, maximum, const: constant, enum: values, ...other } = own;
  const types: readonly unknown[] = [type].flat();
  const listed = (constant === undefined ? values : [constant]) as readonly unknown[] | undefined;
  return {
    ...Object.fromEntries(
      Object.entries(other)
        .filter(([name]) => !LEFT_OUT.has(name))
        .map(([name, value]) => [name, toPlainPart(name, value)]),
    ),
    isNullable: types.includes('null') || listed?.includes(null) === true,
    type: listed === undefined ? types.find((one) => one !== 'null') : undefined,
    enum: listed?.filter((value) => value !== null).sort(),
    format: UNSAID_FORMATS.includes(format) ? undefined : format,
    // What zod calls a format also comes as a pattern.
    pattern: typeof pattern === 'string' && format === undefined ? pattern.replaceAll('\\/', '/') : undefined,
    minimum: minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum,
    maximum: maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum,
  };
}

function toPlainPart(name: string, value: unknown): unknown {
  if (name === 'required') return [...(value as string[])].sort();
  if (name === 'properties') {
    return Object.fromEntries(
      Object.entries(value as Record<string, JsonSchema>).map(([key, one]) => [key, toPlain(one)]),
    );
  }
  return typeof value === 'object' && value !== null ? toPlain(value as JsonSchema) : value;
}

test('every schema of openapi.yaml is declared', () => {
  expect(Object.keys(components.schemas).sort()).toEqual(Object.keys(DECLARED).sort());
});

test.each(Object.entries(DECLARED))('openapi.yaml says of %s what is declared', (name, declared) => {
  const documented = toPlain(components.schemas[name] ?? {});

  expect(documented).toEqual(toPlain(z.toJSONSchema(declared) as JsonSchema));
});

describe('the comparison itself tells', () => {
  const same: JsonSchema = z.toJSONSchema(wire.reasonSchema) as JsonSchema;

  test.each<[string, JsonSchema]>([
    ['a property too many', { ...same, properties: { ...(same['properties'] as object), more: { type: 'string' } } }],
    ['a property that may be left out', { ...same, required: ['code'] }],
    ['a type', { ...same, properties: { code: { type: 'string' }, message: { type: 'number' } } }],
    ['null', { ...same, properties: { code: { type: 'string' }, message: { type: ['string', 'null'] } } }],
    ['an enum', { ...same, properties: { code: { enum: ['a'] }, message: { type: 'string' } } }],
    ['other fields let through', { ...same, additionalProperties: true }],
  ])('%s', (_name, other) => {
    expect(toPlain(other)).not.toEqual(toPlain(same));
  });
});
