import { createRequire } from 'node:module';
import { VERSION } from '../../../functions/api/version.ts';

test("the version is package.json's", () => {
  expect(createRequire(import.meta.url)('../../../package.json').version).toBe(VERSION);
});
