import { contentSecurityPolicy } from '../../../web/delivery/headers.ts';

test('the policy allows the page itself, the bucket, and nothing else', () => {
  expect(contentSecurityPolicy({ buckets: ['http://127.0.0.1:3001'] }).split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data: http://127.0.0.1:3001",
    "connect-src 'self' http://127.0.0.1:3001",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
});

test('with a login the page may contact the issuer, but not load pictures from it', () => {
  const policy = contentSecurityPolicy({
    buckets: ['https://b.s3.eu-west-1.amazonaws.com'],
    login: ['https://id.example'],
  });

  expect(policy).toContain("connect-src 'self' https://b.s3.eu-west-1.amazonaws.com https://id.example;");
  expect(policy).toContain("img-src 'self' blob: data: https://b.s3.eu-west-1.amazonaws.com;");
});
