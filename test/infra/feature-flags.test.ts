import { readFileSync } from 'node:fs';

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

test('cdk.json sets every feature flag that this version of the CDK recommends', () => {
  const recommended = read('../../node_modules/aws-cdk-lib/recommended-feature-flags.json');

  expect(Object.keys(recommended).length).toBeGreaterThan(80);
  expect(read('../../cdk.json').context).toEqual({
    ...recommended,
    '@aws-cdk/core:validateAgainstDefaultRules': true,
  });
});
