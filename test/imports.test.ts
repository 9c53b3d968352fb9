import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Data flows down this list; a folder imports from itself and from those above it. */
const FLOW = ['classifier', 'models', 'layers', 'functions', 'web', 'infra', 'local', 'cli'];

/** The only files that may load a native package, and which one. */
const NATIVE_LOADERS: Record<string, string> = {
  'classifier/session.ts': 'onnxruntime-node',
  'classifier/decode.ts': 'sharp',
};

/** What of the floors below the page may be made of. */
const OF_THE_PAGE = ['classifier/errors.ts', 'classifier/message-of.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
}

function sources(): string[] {
  return FLOW.flatMap((folder) => {
    try {
      return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter(
          (name) =>
            /\.tsx?$/.test(name) && !name.split('/').some((part) => part === 'cache' || part === 'node_modules'),
        )
        .map((name) => `${folder}/${name}`);
    } catch {
      return [];
    }
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => ({
    from: file,
    to: specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier,
  }));
}

function isAllowed({ from, to }: Import): boolean {
  const [here = '', there = ''] = [from.split('/')[0], to.split('/')[0]];
  if (!FLOW.includes(there) || here === there) return true;
  if (here === 'functions') return there === 'classifier';
  if (here === 'web') return OF_THE_PAGE.includes(to);
  return FLOW.indexOf(there) < FLOW.indexOf(here);
}

test('the parts import in the direction the data flows, and never test code', () => {
  const all = sources().flatMap(importsOf);

  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((one) => !isAllowed(one) || one.to.startsWith('test/'))).toEqual([]);
});

test('the direction rule itself refuses what it should', () => {
  expect(isAllowed({ from: 'functions/a.ts', to: 'models/zoo.ts' })).toBe(false);
  expect(isAllowed({ from: 'models/a.ts', to: 'functions/records/b.ts' })).toBe(false);
  expect(isAllowed({ from: 'models/a.ts', to: 'classifier/session.ts' })).toBe(true);
  expect(isAllowed({ from: 'models/a.ts', to: 'layers/b.ts' })).toBe(false);
  expect(isAllowed({ from: 'layers/a.ts', to: 'models/b.ts' })).toBe(true);
  expect(isAllowed({ from: 'layers/a.ts', to: 'functions/environment.ts' })).toBe(false);
  expect(isAllowed({ from: 'layers/a.ts', to: 'classifier/manifest.ts' })).toBe(true);
  expect(isAllowed({ from: 'classifier/a.ts', to: 'models/b.ts' })).toBe(false);
  expect(isAllowed({ from: 'functions/a.ts', to: 'classifier/b.ts' })).toBe(true);
  expect(isAllowed({ from: 'local/a.ts', to: 'cli/b.ts' })).toBe(false);
  expect(isAllowed({ from: 'cli/a.ts', to: 'local/b.ts' })).toBe(true);
  expect(isAllowed({ from: 'web/a.ts', to: 'functions/records/b.ts' })).toBe(false);
  expect(isAllowed({ from: 'local/a.ts', to: 'web/delivery/b.ts' })).toBe(true);
});

test('native packages are loaded in one file each, by require, so that a Lambda layer serves them', () => {
  const loads = sources()
    .filter((file) => !file.startsWith('models/sample/'))
    .flatMap((file) =>
      [
        ...readFileSync(join(ROOT, file), 'utf8').matchAll(
          /^(?!import type).*(?:require\(|(?<!typeof )import\(|from )'(onnxruntime-node|sharp)'/gm,
        ),
      ].map(([line, name]) => ({ file, name, line })),
    );

  expect(loads.map(({ file, name }) => [file, name])).toEqual(expect.arrayContaining(Object.entries(NATIVE_LOADERS)));
  expect(loads.filter(({ file, name, line }) => NATIVE_LOADERS[file] !== name || !line.includes('require('))).toEqual(
    [],
  );
});
