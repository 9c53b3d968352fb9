import * as z from 'zod';
import { openapi } from './contract.ts';

/**
 * The rules of Spectral's `spectral:oas` that this document could break. Spectral itself is not
 * installed: it has 52 MB. `docs/decisions/functions.md` says how to run it.
 */
const operationSchema = z.object({
  operationId: z.string().min(1),
  summary: z.string().min(1),
  description: z.string().min(1).optional(),
  tags: z.array(z.string()).length(1),
  requestBody: z.object({ content: z.record(z.string(), z.looseObject({ schema: z.looseObject({}) })) }).optional(),
});

const documentSchema = z.object({
  info: z.object({ description: z.string().min(1), contact: z.object({ name: z.string(), url: z.url() }) }),
  servers: z.array(z.object({ url: z.string().regex(/[^/]$/) })).min(1),
  tags: z.array(z.object({ name: z.string(), description: z.string().min(1) })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.record(z.string(), z.record(z.string(), z.unknown())),
});

const { info, servers, tags, paths, components } = documentSchema.parse(openapi);
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, ...operation })),
);

test('the document names a contact, a server, and the tags that its operations use', () => {
  expect(info.contact.url).toMatch(/^https:/);
  expect(servers).toHaveLength(1);
  const declared = tags.map(({ name }) => name);
  expect([...new Set(operations.flatMap((operation) => operation.tags))].sort()).toEqual([...declared].sort());
});

test('every operation has a description and an id of its own, and its path does not end in a slash', () => {
  expect(operations.filter(({ description }) => description === undefined).map(({ name }) => name)).toEqual([]);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  expect(operations.filter(({ path }) => /\/$|\?/.test(path))).toEqual([]);
});

test('every component is used', () => {
  const text = JSON.stringify(openapi);
  const unused = Object.entries(components)
    .filter(([kind]) => kind !== 'securitySchemes')
    .flatMap(([kind, all]) => Object.keys(all).map((name) => `#/components/${kind}/${name}`))
    .filter((reference) => !text.includes(`"${reference}"`));

  expect(unused).toEqual([]);
});

test('the form comes first, because some generated clients know the first body alone', () => {
  const content = operations.find(({ name }) => name === 'post /classify')?.requestBody?.content ?? {};

  expect(Object.keys(content)[0]).toBe('multipart/form-data');
});

test('bytes have no type, so that generated clients take a Blob or a Buffer and not only a string', () => {
  const content = operations.find(({ name }) => name === 'post /classify')?.requestBody?.content ?? {};
  const bytes = [
    content['image/*']?.schema,
    content['application/octet-stream']?.schema,
    (content['multipart/form-data']?.schema['properties'] as Record<string, unknown> | undefined)?.['file'],
  ];

  expect(bytes).toEqual(Array(3).fill({ contentMediaType: 'application/octet-stream' }));
});
