import { GetObjectCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { openImageBucket } from '../../../functions/api/bucket.ts';
import { openPresigner } from '../../../functions/api/presigned-get.ts';
import { startTestServer, type TestServer } from '../../local/s3/local-server.ts';

const SECONDS = 300;
const KEYS = [
  'a.jpg',
  'a b+c/ü/写真.jpg',
  "(1)!*'~.jpg",
  '100%/%2F?#&=.jpg',
  'ctrl\u0001\u007f.jpg',
  'trailing/',
  '//double',
];
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token+/=' };

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

/** Of a URL: where it leads, and what it asks for and is signed with. */
function parts(text: string) {
  const { origin, pathname, searchParams } = new URL(text);
  return { origin, pathname, query: Object.fromEntries([...searchParams].sort()) };
}

describe.each([
  ['the bucket in the host', {}],
  ['the bucket in the path', { endpoint: 'http://127.0.0.1:9', forcePathStyle: true }],
])('with %s', (_name, settings) => {
  test.each(KEYS)('the URL of %j is the one that the SDK makes', async (key) => {
    const client = new S3Client({
      region: 'eu-west-1',
      credentials: CREDENTIALS,
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestChecksumCalculation: 'WHEN_REQUIRED',
      ...settings,
    });
    const presign = openPresigner(client, 'my-bucket', SECONDS);
    const options = {
      Bucket: 'my-bucket',
      Key: key,
      VersionId: 'v.1',
      ResponseContentType: 'image/png',
      ResponseContentDisposition: 'inline',
    };

    const signedWithin = async () => {
      const ours = parts(await presign(key, { versionId: 'v.1', contentType: 'image/png' }));
      const theirs = parts(await getSignedUrl(client, new GetObjectCommand(options), { expiresIn: SECONDS }));
      return { ours, theirs };
    };
    // The two may fall on either side of a second.
    let { ours, theirs } = await signedWithin();
    if (ours.query['X-Amz-Date'] !== theirs.query['X-Amz-Date']) ({ ours, theirs } = await signedWithin());

    expect(ours.query['X-Amz-Signature']).toMatch(/^[0-9a-f]{64}$/);
    expect(ours).toEqual(theirs);
  });
});

test("the object is shown inline, with its real media type and not the uploader's, in the right version", async () => {
  await server.client.send(
    new PutBucketVersioningCommand({ Bucket: 'bucket', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const put = (Body: string) =>
    server.client.send(
      new PutObjectCommand({
        Bucket: 'bucket',
        Key: 'a.jpg',
        Body,
        ContentType: 'text/html',
        ContentDisposition: 'attachment',
      }),
    );
  const { VersionId = '' } = await put('first');
  await put('second');
  const bucket = openImageBucket(server.client, 'bucket', () => new Date('2026-01-01T00:00:00Z'));

  const { url, expiresAt } = await bucket.presignGet('a.jpg', VersionId, 'jpeg');
  const response = await fetch(url);

  expect(expiresAt).toEqual(new Date('2026-01-01T00:05:00Z'));
  expect(await response.text()).toBe('first');
  expect(response.headers.get('content-type')).toBe('image/jpeg');
  expect(response.headers.get('content-disposition')).toBe('inline');
});
