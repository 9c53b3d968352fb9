import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import * as z from 'zod';

const require = createRequire(import.meta.url);
const { Ajv2020: Validator }: { Ajv2020: typeof Ajv2020 } = require('ajv/dist/2020');
const { default: addFormats }: { default: (ajv: Ajv2020) => void } = require('ajv-formats');

/** An answer, as a client sees it. */
export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const DOCUMENT = new URL('../../../functions/api/openapi.yaml', import.meta.url);
const DOCUMENT_ID = 'openapi';

const reference = z.looseObject({ $ref: z.string().optional() });
const responseSchema = z.looseObject({
  headers: z.record(z.string(), reference).default({}),
  content: z.record(z.string(), z.looseObject({ schema: z.looseObject({}) })).default({}),
});
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ responses: z.record(z.string(), reference) }))),
  components: z.looseObject({}),
});

export const openapi: z.output<typeof documentSchema> & Record<string, unknown> = documentSchema.parse(
  parse(readFileSync(DOCUMENT, 'utf8')),
);

const ajv = new Validator({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: DOCUMENT_ID, ...openapi });
const validators = new Map<string, ValidateFunction>();

/** `POST /classify 200` and so on: every answer that the document has. */
export const DOCUMENTED: readonly string[] = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { responses }]) =>
    Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
  ),
);

/**
 * Holds an answer against openapi.yaml: its status, media type, headers and body.
 * @returns which answer of the document it is; what no route has is `none`
 * @throws an Error that says what is wrong
 */
export function checkContract(method: string, path: string, answer: ApiAnswer): string {
  if (method === 'OPTIONS' && answer.status === 204) {
    // A preflight is answered for every path, also for those that do not exist.
    if (answer.body !== '') throw new Error(`${method} ${path}: expected no body, found ${answer.body}`);
    return 'preflight';
  }
  const template = Object.keys(openapi.paths).find((one) => toPattern(one).test(path));
  if (template === undefined) {
    const isRefusedPreflight = method === 'OPTIONS' && answer.status === 403;
    if (answer.status !== 404 && !isRefusedPreflight)
      throw new Error(`${method} ${path}: expected a 404, found ${answer.status}`);
    validate('#/components/schemas/Problem', JSON.parse(answer.body), `${method} ${path}`);
    return 'none';
  }
  const methods = openapi.paths[template] ?? {};
  const own = method === 'HEAD' ? 'get' : method.toLowerCase();
  const documented = Object.hasOwn(methods, own) ? own : (Object.keys(methods)[0] ?? '');
  const name = `${documented.toUpperCase()} ${template} ${answer.status}`;
  const pointer = `#/paths/${template.replaceAll('/', '~1')}/${documented}/responses/${answer.status}`;
  const found = resolve(pointer);
  if (found === undefined) throw new Error(`${name} is not documented; the body is ${answer.body.slice(0, 500)}`);
  const response = responseSchema.parse(found.value);
  checkHeaders(response.headers, answer, name);
  if (method !== 'HEAD') checkBody(found.pointer, response.content, answer, name);
  return name;
}

function checkHeaders(headers: Record<string, z.output<typeof reference>>, answer: ApiAnswer, name: string): void {
  for (const [header, one] of Object.entries(headers)) {
    const { required = false, schema } = z
      .looseObject({ required: z.boolean().optional(), schema: z.looseObject({ type: z.string() }) })
      .parse(one.$ref === undefined ? one : resolve(one.$ref)?.value);
    const value = answer.headers[header.toLowerCase()];
    if (value === undefined && required) throw new Error(`${name}: expected the header ${header}, found none`);
    if (value === undefined) continue;
    const check = ajv.compile(schema);
    if (!check(schema.type === 'integer' ? Number(value) : value)) {
      throw new Error(`${name}: header ${header}: ${ajv.errorsText(check.errors)}, found ${value}`);
    }
  }
}

function checkBody(
  pointer: string,
  content: z.output<typeof responseSchema>['content'],
  { headers, body }: ApiAnswer,
  name: string,
): void {
  const mediaType = headers['content-type'] ?? 'none';
  if (mediaType === 'none' && Object.keys(content).length === 0 && body === '') return;
  if (!Object.hasOwn(content, mediaType)) {
    throw new Error(`${name}: expected ${Object.keys(content).join(' or ')}, found ${mediaType}`);
  }
  const value: unknown = mediaType.endsWith('json') ? JSON.parse(body) : body;
  validate(`${pointer}/content/${mediaType.replaceAll('/', '~1')}/schema`, value, name);
}

function validate(pointer: string, value: unknown, name: string): void {
  const check = validators.get(pointer) ?? ajv.compile({ $ref: `${DOCUMENT_ID}${pointer}` });
  validators.set(pointer, check);
  if (!check(value)) {
    throw new Error(`${name}: ${ajv.errorsText(check.errors)}, found ${JSON.stringify(value).slice(0, 1000)}`);
  }
}

/** What a pointer into the document leads to, references followed. */
function resolve(pointer: string): { readonly pointer: string; readonly value: unknown } | undefined {
  let value: unknown = openapi;
  for (const part of pointer.slice(2).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  const { $ref } = reference.parse(value);
  return $ref === undefined ? { pointer, value } : resolve($ref);
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`);
}
