import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { VERSION } from '../../../functions/api/version.ts';

/** Newest first. What comes next may stand above it, "unreleased". */
const NEWEST_RELEASE = /^## (\S+), \d{4}-\d{2}-\d{2}$/m;

test('the version is the one of package.json, of openapi.yaml and of the file in README', () => {
  expect(JSON.parse(read('package.json')).version).toBe(VERSION);
  expect(parse(read('functions/api/openapi.yaml')).info.version).toBe(VERSION);
  expect(read('README.md')).toContain(`/autoswiftnet-${VERSION}.tgz\n`);
});

test('the newest release in the changelog is this version', () => {
  expect(NEWEST_RELEASE.exec(read('CHANGELOG.md'))?.[1]).toBe(VERSION);
});

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}
