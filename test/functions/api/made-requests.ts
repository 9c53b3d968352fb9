import fc from 'fast-check';
import { idOfKey } from '../../../functions/api/parameters.ts';
import { openapi } from './contract.ts';
import type { ApiCall } from './test-api.ts';

/** The object that the generated requests find in the bucket. */
export const KEY = 'there.jpg';

/** A request of an operation of openapi.yaml. */
export interface MadeRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly call: ApiCall;
}

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly schema: { readonly type: string; readonly minimum?: number; readonly maximum?: number };
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Parameter[];
  readonly mediaTypes: readonly string[];
}
/**
 * Makes requests of every operation of openapi.yaml, most often of `POST /classify`.
 * @param picture what is sent as a picture, whole or damaged
 */
export function requests(picture: Uint8Array): fc.Arbitrary<MadeRequest> {
  return fc.oneof(
    ...operations().map((operation) => ({
      arbitrary: requestOf(operation, picture),
      weight: operation.path === '/classify' ? 4 : 1,
    })),
  );
}

/** Every operation of the document, with its parameters, references followed. */
function operations(): Operation[] {
  const { parameters: shared } = openapi.components as { parameters: Record<string, Parameter> };
  return Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { parameters = [], requestBody } = operation as {
        parameters?: (Parameter & { $ref?: string })[];
        requestBody?: { content: object };
      };
      const resolved = parameters.map((one) => shared[one.$ref?.split('/').at(-1) ?? ''] ?? one);
      return {
        path,
        method: method.toUpperCase(),
        parameters: resolved,
        mediaTypes: Object.keys(requestBody?.content ?? {}),
      };
    }),
  );
}

/** A value of the parameter's kind, at a bound of it, or of no kind at all. */
function valueFor({ schema, name }: Parameter): fc.Arbitrary<string> {
  const { minimum = 0, maximum = 10_000 } = schema;
  const known: Record<string, string[]> = {
    model: ['sample', 'heavy', 'auto', 'none'],
    id: [idOfKey(KEY), idOfKey('not there'), 'AA', '_', '..', '%2e%2e'],
    label: ['lemon', 'LEMON', '\u0000', 'ü'.repeat(2000)],
  };
  const right =
    schema.type === 'boolean'
      ? fc.constantFrom('true', 'false')
      : schema.type === 'string'
        ? fc.constantFrom(...(known[name] ?? ['abc']))
        : fc.oneof(
            fc.integer({ min: minimum, max: maximum }).map(String),
            fc.double({ min: minimum, max: maximum, noNaN: true }).map(String),
          );
  const bounds = [minimum, maximum, minimum - 1, maximum + 1].map(String);
  const wrong = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      ...bounds,
      '',
      ' ',
      'null',
      'undefined',
      'NaN',
      '1e999',
      '-0',
      '0x10',
      '1e-320',
      '[]',
      '{}',
      "'",
      '../..',
      'a'.repeat(9000),
    ),
  );
  return fc.oneof({ weight: 3, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

/** Whole, cut off, with wrong bytes; JSON of the right and of other forms. */
function bodyFor({ path }: Operation, picture: Uint8Array): fc.Arbitrary<string | Uint8Array> {
  const cut = fc.nat({ max: 12_000 }).map((length) => picture.subarray(0, length));
  const damaged = fc.array(fc.tuple(fc.nat({ max: 5000 }), fc.nat({ max: 255 })), { maxLength: 12 }).map((changes) => {
    const bytes = Buffer.from(picture);
    for (const [place, value] of changes) if (place < bytes.length) bytes[place] = value;
    return bytes;
  });
  const json = fc.oneof(
    fc.constantFrom(
      '{"key":"there.jpg"}',
      '{"key":"not there"}',
      '{"key":""}',
      '{"contentType":"image/png"}',
      '{',
      '[[[[',
      '"',
      '\ud800',
    ),
    fc.record({ key: fc.string({ unit: 'binary' }) }).map((value) => JSON.stringify(value)),
    fc.json(),
  );
  const right = path === '/uploads' ? fc.constant('{"contentType":"image/webp"}') : fc.constant(picture);
  const others = [right, cut, damaged, json, fc.uint8Array({ maxLength: 300 }), fc.constant('')];
  return fc.oneof(...others.map((arbitrary) => ({ arbitrary, weight: 5 })), {
    arbitrary: fc.constant(Buffer.alloc(4_500_000)),
    weight: 1,
  });
}

function headersFor({ mediaTypes }: Operation): fc.Arbitrary<Record<string, string>> {
  const types = [
    ...mediaTypes.map((type) => type.replace('*', 'jpeg')),
    'application/json; charset=utf-8',
    'text/plain',
    'image/svg+xml',
    '/',
    '',
    'multipart/form-data',
  ];
  const contentType = fc.constantFrom(...types).map((value) => ({ 'content-type': value }));
  const key = fc
    .oneof(fc.constantFrom('one', 'two', ''), fc.string({ maxLength: 300 }))
    .map((value) => ({ 'idempotency-key': value }));
  return fc.oneof(
    { weight: 4, arbitrary: contentType },
    { weight: 1, arbitrary: fc.tuple(contentType, key).map(([one, other]) => ({ ...one, ...other })) },
    { weight: 1, arbitrary: fc.constant({}) },
  );
}

/** A request of the operation, near to what it should be: parameters left out, wrong, given twice, or of another route. */
function requestOf(operation: Operation, picture: Uint8Array): fc.Arbitrary<MadeRequest> {
  const inPath = operation.parameters.filter((one) => one.in === 'path');
  const inQuery = operation.parameters.filter((one) => one.in === 'query');
  const pair = (parameter: Parameter) =>
    valueFor(parameter).map((value) => `${parameter.name}=${encodeURIComponent(toUnicode(value))}`);
  const stray = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ maxLength: 8 }))
    .map((two) => two.map((one) => encodeURIComponent(toUnicode(one))).join('='));
  const query = fc
    .tuple(
      fc.tuple(...inQuery.map((parameter) => fc.option(pair(parameter), { nil: '' }))),
      fc.oneof(
        { weight: 8, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: stray },
        { weight: 1, arbitrary: fc.constantFrom('top=1', '%', '%zz=1', '&&', '=') },
      ),
    )
    .map(([some, other]) => [...some, other].filter((one) => one !== '').join('&'));
  const path = fc
    .tuple(...inPath.map((parameter) => valueFor(parameter)))
    .map((values) =>
      values.reduce(
        (so, value) => so.replace(/\{[^}]+\}/, encodeURIComponent(toUnicode(value)) || 'x'),
        operation.path,
      ),
    );
  const method = fc.oneof(
    { weight: 15, arbitrary: fc.constant(operation.method) },
    { weight: 1, arbitrary: fc.constantFrom('HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE') },
  );
  return fc
    .record({ method, path, query, headers: headersFor(operation), body: bodyFor(operation, picture) })
    .map((made) => ({
      method: made.method,
      target: `${made.path}${made.query === '' ? '' : `?${made.query}`}`,
      call: { headers: made.headers, body: operation.mediaTypes.length > 0 ? made.body : '' },
    }));
}

/** A URL holds no half surrogate pair. */
function toUnicode(text: string): string {
  return Buffer.from(text).toString();
}
