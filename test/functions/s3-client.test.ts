import { createS3Client } from '../../functions/s3-client.ts';

test.each([
  ['http://127.0.0.1:4000', true],
  ['http://localhost:4000', true],
  ['http://[::1]:4000', true],
  ['https://s3.eu-central-1.amazonaws.com', false],
  ['not a URL', false],
  [undefined, false],
])('of endpoint %s the bucket goes into the path: %s', async (endpoint, pathStyle) => {
  const client = createS3Client({ AWS_ENDPOINT_URL_S3: endpoint });

  expect(client.config.forcePathStyle).toBe(pathStyle);
});

test('an endpoint of all services counts as well', () => {
  expect(createS3Client({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4000' }).config.forcePathStyle).toBe(true);
});
