import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFloors, sourceFiles } from '../floors.ts';
import { ROOT } from './markdown-files.ts';

/** One code of one class; null where the class takes its code from elsewhere. */
export interface ErrorCode {
  readonly name: string;
  readonly code: string | null;
  readonly status: number | null;
}

interface ErrorClass {
  readonly name: string;
  readonly base: string;
  readonly isAbstract: boolean;
  readonly body: string;
}

const BASE = 'AutoSwiftNetError';
const CLASS = /^(?:export )?(abstract )?class (\w+) extends (\w+) \{(\}|[\s\S]*?^\})/gm;

/** Every concrete class of the sources that extends AutoSwiftNetError, directly or not, with its codes. */
export function errorCodes(): ErrorCode[] {
  const files = sourceFiles(readFloors()).filter((file) => !/^(test|bench|docs)\//.test(file));
  return codesOf(files.map((file) => readFileSync(join(ROOT, file), 'utf8')));
}

export function codesOf(sources: readonly string[]): ErrorCode[] {
  const classes = sources.flatMap(classesIn);
  const family = new Set([BASE]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { name, base } of classes) if (family.has(base)) family.add(name);
  }
  return classes.filter(({ base, isAbstract }) => family.has(base) && !isAbstract).flatMap(codesInClass);
}

function classesIn(source: string): ErrorClass[] {
  return [...source.matchAll(CLASS)].map(([, abstract, name = '', base = '', body = '']) => ({
    name,
    base,
    isAbstract: abstract !== undefined,
    body,
  }));
}

/** `code: 'a'`, `code: 'a' | 'b'` (a parameter's type) and `code: condition === 'x' ? 'a' : 'b'`. */
function codesInClass({ name, body }: ErrorClass): ErrorCode[] {
  const [, status] = /status: (\d{3})/.exec(body) ?? [];
  const codes = [...body.matchAll(/\bcode: ([^,\n]+)/g)].flatMap(([, expression = '']) =>
    [...expression.matchAll(/(?<!=== )'([a-z][a-z0-9-]*)'/g)].map(([, code = '']) => code),
  );
  const rest = { name, status: status === undefined ? null : Number(status) };
  return codes.length === 0 ? [{ ...rest, code: null }] : [...new Set(codes)].map((code) => ({ ...rest, code }));
}
