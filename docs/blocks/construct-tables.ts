import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { markdownTable } from './markdown-table.ts';

/** A property of a construct, as its docstring describes it. */
export interface ConstructProp {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly meaning: string;
  /** Text after `@default`, or null. */
  readonly defaultText: string | null;
}

/** A public member of a class, as its docstring describes it. */
interface Member {
  readonly signature: string;
  readonly meaning: string;
}

/** The constructs, with the files of their props and of their class. */
export const CONSTRUCTS = {
  AutoSwiftNet: ['tagging/auto-swift-net-props', 'tagging/auto-swift-net'],
  WatchOptions: ['storage/watch-options', null],
  HttpApi: ['http-api/http-api-props', 'http-api/http-api'],
  HeavyModels: ['heavy-models/heavy-models-props', 'heavy-models/heavy-models'],
  Backfill: ['backfill/backfill-props', 'backfill/backfill'],
  Page: ['page/page-props', 'page/page'],
  Monitoring: ['monitoring/monitoring-props', 'monitoring/monitoring'],
  ModelPackage: [null, 'artefacts/model-package'],
  WorkerImage: [null, 'artefacts/worker-image'],
} as const;

export type ConstructName = keyof typeof CONSTRUCTS;

const DOCUMENTED = /^ {2}\/\*\*((?:(?!\*\/).)*?)\*\/\n {2}(?!private)((?:static |readonly )*\w+[^\n]*)/gms;

/** For each construct a table of its props and one of its members. */
export function constructTables(): [string, string][] {
  return (Object.keys(CONSTRUCTS) as ConstructName[]).map((name) => [`construct-${name}`, tablesOf(name)]);
}

/** Reads the props of a construct from the docstrings of their interface. */
export function propsOf(name: ConstructName): ConstructProp[] {
  const [file] = CONSTRUCTS[name];
  if (file === null) return [];
  return documented(file).flatMap(({ doc, line }) => {
    const [, prop, optional, type = ''] = /^readonly (\w+)(\??): (.+);$/.exec(line) ?? [];
    if (prop === undefined || doc.includes('@internal')) return [];
    const [meaning = '', defaultText = null] = doc.split(/\s*@default (?:- )?/);
    return [{ name: prop, type: type.replace(' | undefined', ''), isOptional: optional === '?', meaning, defaultText }];
  });
}

function tablesOf(name: ConstructName): string {
  const props = propsOf(name).map((prop) => [
    `\`${prop.name}\``,
    `\`${prop.type.replace(/^readonly (.*)\[\]$/, '$1[]')}\``,
    prop.defaultText ?? 'required',
    prop.meaning,
  ]);
  const members = membersOf(name).map(({ signature, meaning }) => [`\`${signature}\``, meaning]);
  return [
    ...(props.length === 0 ? [] : [markdownTable(['prop', 'type', 'default', 'meaning'], props)]),
    ...(members.length === 0 ? [] : [markdownTable(['member', 'meaning'], members)]),
  ].join('\n\n');
}

function membersOf(name: ConstructName): Member[] {
  const [, file] = CONSTRUCTS[name];
  if (file === null) return [];
  return documented(file).flatMap(({ doc, line }) => {
    if (doc.includes('@internal') || /^(constructor|private)\b/.test(line)) return [];
    const signature = line
      .replace(/^readonly /, '')
      .replace(/[;{]\s*$/, '')
      .trim();
    const meaning = doc.replace(/\s*@(throws|param|example)\b.*$/s, '');
    return [{ signature, meaning }];
  });
}

function documented(file: string): { doc: string; line: string }[] {
  const text = readFileSync(fileURLToPath(new URL(`../../infra/${file}.ts`, import.meta.url)), 'utf8');
  return [...text.matchAll(DOCUMENTED)].map(([, doc = '', line = '']) => ({
    doc: doc
      .replace(/^\s*\* ?/gm, '')
      .trim()
      .replaceAll(/\s*\n\s*/g, ' '),
    line: line.trim(),
  }));
}
