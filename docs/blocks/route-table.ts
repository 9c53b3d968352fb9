import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { markdownTable } from './markdown-table.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
}

type Operation = { readonly summary: string; readonly parameters?: readonly (Parameter | { readonly $ref: string })[] };

interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
}

const OPENAPI_FILE = new URL('../../functions/api/openapi.yaml', import.meta.url);

/** Every route of openapi.yaml, with its query parameters. */
export function routeTable(): string {
  const contract = parse(readFileSync(OPENAPI_FILE, 'utf8')) as Contract;
  const rows = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      `\`${method.toUpperCase()} ${path}\``,
      queryOf(operation, contract)
        .map((name) => `\`${name}\``)
        .join(', '),
      operation.summary,
    ]),
  );
  return markdownTable(['route', 'query parameters', 'what it does'], rows);
}

function queryOf({ parameters = [] }: Operation, { components }: Contract): string[] {
  return parameters
    .map((parameter) =>
      '$ref' in parameter ? components.parameters[parameter.$ref.split('/').at(-1) ?? ''] : parameter,
    )
    .filter((parameter) => parameter?.in === 'query')
    .map((parameter) => parameter?.name ?? '');
}
