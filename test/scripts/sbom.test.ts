import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../floors.ts';

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[];
}

/** Licences under which a package may be shipped: their terms are met by LICENSE and NOTICE files. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];
/** Libraries of their own, which are loaded and can be replaced, as the LGPL asks. */
const LGPL: readonly RegExp[] = [/^@img\/sharp-libvips-/, /^@img\/sharp-(win32|wasm32)/, /^libheif-js$/];

let bom: { bomFormat: string; components: Component[] };

beforeAll(() => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [program = '', ...options] = String(scripts.sbom).split(' ');
  bom = JSON.parse(execFileSync(program, options, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 }));
});

test('the bill of materials has every package that is shipped, in the version of package.json, and no tool', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const versions = new Map(bom.components.map(({ name, version }) => [name, version]));

  expect(bom.bomFormat).toBe('CycloneDX');
  for (const [name, version] of Object.entries(dependencies))
    expect([name, versions.get(name)]).toEqual([name, version]);
  expect(Object.keys(devDependencies).filter((name) => versions.has(name) && !(name in dependencies))).toEqual([]);
  expect(bom.components.every(({ purl }) => purl.startsWith('pkg:npm/'))).toBe(true);
});

test('every shipped package has a licence under which it may be shipped', () => {
  const faults = bom.components.filter(({ name, licenses = [] }) => {
    const isFine = (id: string) =>
      PERMISSIVE.includes(id) || (/^LGPL-3\.0/.test(id) && LGPL.some((one) => one.test(name)));
    const ids = licenses.map(({ license, expression }) => expression ?? license?.id ?? '');
    return ids.length === 0 || !ids.every((text) => alternatives(text).some((all) => all.every(isFine)));
  });

  expect(faults.map(({ name, licenses }) => [name, licenses])).toEqual([]);
});

/** `(A OR B)` is [[A], [B]], `(A AND B)` is [[A, B]]. */
function alternatives(expression: string): string[][] {
  const plain = expression.replaceAll(/[()]/g, '');
  return plain.split(' OR ').map((part) => part.split(' AND '));
}
