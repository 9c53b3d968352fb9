import { ALLOWED_ORIGIN, isAllowedOrigin } from '../../functions/allowed-origin.ts';

test.each([
  'https://example.org',
  'http://localhost:5173',
  'https://*.example.org',
  'http://localhost:*',
  'https://*',
  '*',
])('%s may stand in the list', (pattern) => {
  expect(ALLOWED_ORIGIN.test(pattern)).toBe(true);
});

test.each(['example.org', 'https://example.org/', 'https://a b', 'https://*.*.org', '**', 'ftp://a', '', 'null'])(
  '%j may not',
  (pattern) => {
    expect(ALLOWED_ORIGIN.test(pattern)).toBe(false);
  },
);

test.each<[string, string, boolean]>([
  ['https://example.org', 'https://example.org', true],
  ['https://example.org', 'https://example.org.evil.com', false],
  ['https://example.org', 'https://example.org:8443', false],
  ['https://example.org', 'http://example.org', false],
  ['https://*.example.org', 'https://a.example.org', true],
  ['https://*.example.org', 'https://a.b.example.org', true],
  ['https://*.example.org', 'https://example.org', false],
  ['https://*.example.org', 'https://evilexample.org', false],
  ['https://*.example.org', 'https://.example.org.evil.com', false],
  ['http://localhost:*', 'http://localhost:5173', true],
  ['https://a*a', 'https://a', false],
  ['*', 'https://anything', true],
  ['*', 'null', true],
])('%s and the origin %s: %j', (pattern, origin, expected) => {
  expect(isAllowedOrigin(origin, ['https://other.example', pattern])).toBe(expected);
});

test('an empty list allows nothing', () => {
  expect(isAllowedOrigin('https://example.org', [])).toBe(false);
});
