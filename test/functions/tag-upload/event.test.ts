import { MalformedEventError } from '../../../functions/tag-upload/errors.ts';
import { parseUploadEvents } from '../../../functions/tag-upload/event.ts';
import { decodeKey } from '../../../functions/tag-upload/notification.ts';

/**
 * The form of AWS's own example:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
function notification(eventName: string, object: object = {}, bucket: object = { name: 'pictures' }): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: '2026-11-24T12:00:00.000Z',
        eventName,
        userIdentity: { principalId: 'A1' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'uploads',
          bucket: { ownerIdentity: { principalId: 'A2' }, arn: 'arn:aws:s3:::pictures', ...bucket },
          object: { key: 'red+flower.jpg', sequencer: '0055AED6DCD90281E5', ...object },
        },
      },
    ],
  });
}

const NAME = { bucket: 'pictures', key: 'red flower.jpg' };
const SEQUENCER = '0055AED6DCD90281E5';

test.each(['Put', 'Post', 'Copy', 'CompleteMultipartUpload'])('ObjectCreated:%s is an upload', (way) => {
  const object = {
    size: 1024,
    eTag: 'd41d8cd98f00b204e9800998ecf8427e',
    versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
  };

  expect(parseUploadEvents(notification(`ObjectCreated:${way}`, object))).toEqual([
    { kind: 'created', name: NAME, ...object, sequencer: SEQUENCER, time: '2026-11-24T12:00:00.000Z' },
  ]);
});

const NOTHING_KNOWN = { kind: 'created', versionId: null, eTag: null, size: null, sequencer: null, time: null };

test.each(['yesterday', '2026-13-01T00:00:00Z', 1_764_000_000])(
  'an event with the time %p is an upload all the same',
  (eventTime) => {
    const s3 = { bucket: { name: 'b' }, object: { key: 'k' } };
    const body = JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', eventTime, s3 }] });

    expect(parseUploadEvents(body)).toEqual([{ ...NOTHING_KNOWN, name: { bucket: 'b', key: 'k' } }]);
  },
);

test('fields that an event does not have are null, and a backfill’s event has hardly any', () => {
  const body = '{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}';

  expect(parseUploadEvents(body)).toEqual([{ ...NOTHING_KNOWN, name: { bucket: 'b', key: 'k' } }]);
});

test('an ETag may come in quotes', () => {
  expect(parseUploadEvents(notification('ObjectCreated:Put', { eTag: '"abc-2"' }))).toMatchObject([{ eTag: 'abc-2' }]);
});

test.each([
  ['ObjectRemoved:Delete', {}, { kind: 'removed', versionId: null, marker: false }],
  ['ObjectRemoved:Delete', { versionId: 'v1' }, { kind: 'removed', versionId: 'v1', marker: false }],
  ['ObjectRemoved:DeleteMarkerCreated', { versionId: 'v2' }, { kind: 'removed', versionId: 'v2', marker: true }],
  ['LifecycleExpiration:Delete', {}, { kind: 'lifecycle-expired', versionId: null, marker: false }],
  [
    's3:LifecycleExpiration:DeleteMarkerCreated',
    { versionId: 'v3' },
    { kind: 'lifecycle-expired', versionId: 'v3', marker: true },
  ],
])('%s %j', (eventName, object, expected) => {
  expect(parseUploadEvents(notification(eventName, object))).toEqual([
    { name: NAME, sequencer: SEQUENCER, ...expected },
  ]);
});

test('an expiry without a sequencer is read as well', () => {
  expect(parseUploadEvents(notification('LifecycleExpiration:Delete', { sequencer: undefined }))).toMatchObject([
    { kind: 'lifecycle-expired', sequencer: null },
  ]);
});

test('S3’s trial of a new notification is recognised', () => {
  const body = '{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-24T12:00:00.000Z","Bucket":"pictures"}';

  expect(parseUploadEvents(body)).toEqual([{ kind: 'test-event' }]);
});

test.each(['ObjectTagging:Put', 'ObjectRestore:Completed', 'LifecycleTransition', 'ReducedRedundancyLostObject'])(
  '%s is ignored, whatever it holds',
  (eventName) => {
    expect(parseUploadEvents(JSON.stringify({ Records: [{ eventName }] }))).toEqual([{ kind: 'ignored', eventName }]);
  },
);

test('all events of a message are read', () => {
  const [one, two] = [notification('ObjectCreated:Put'), notification('ObjectRemoved:Delete')].map(
    (body) => JSON.parse(body).Records,
  );

  expect(parseUploadEvents(JSON.stringify({ Records: [...one, ...two] })).map(({ kind }) => kind)).toEqual([
    'created',
    'removed',
  ]);
  expect(parseUploadEvents('{"Records":[]}')).toEqual([]);
});

test.each([
  ['not JSON', 'hello'],
  ['no object', '"Records"'],
  ['null', 'null'],
  ['no records', '{}'],
  ['records of another kind', '{"Records":[1]}'],
  ['no event name', '{"Records":[{}]}'],
  ['an upload without an object', '{"Records":[{"eventName":"ObjectCreated:Put"}]}'],
  ['no key', notification('ObjectCreated:Put', { key: undefined })],
  ['an empty key', notification('ObjectCreated:Put', { key: '' })],
  ['a malformed percent sequence', notification('ObjectCreated:Put', { key: '100%' })],
  ['percent sequences that are not UTF-8', notification('ObjectCreated:Put', { key: '%E4.jpg' })],
  ['a key of 1,025 bytes', notification('ObjectCreated:Put', { key: 'a'.repeat(1025) })],
  ['a bucket like a path', notification('ObjectCreated:Put', {}, { name: 'a/b' })],
  ['a sequencer that is not hexadecimal', notification('ObjectCreated:Put', { sequencer: '0x1G' })],
  ['an endless sequencer', notification('ObjectCreated:Put', { sequencer: '0'.repeat(129) })],
  ['a negative size', notification('ObjectCreated:Put', { size: -1 })],
])('%s is a malformed event', (_what, body) => {
  expect(() => parseUploadEvents(body)).toThrow(MalformedEventError);
});

test('a malformed event says what is wrong with it, and what to do', () => {
  expect(() => decodeKey('100%')).toThrow(
    'the queue message is not an S3 notification: its key "100%" is not form-encoded UTF-8. ' +
      'Only S3 (also through SNS or EventBridge) and the backfill should send to this queue. ' +
      'Look at the message: after its last attempt it is parked.',
  );
});

test.each([
  ['red+flower.jpg', 'red flower.jpg'],
  ['1%2B1.jpg', '1+1.jpg'],
  ['100%25.jpg', '100%.jpg'],
  ['%E6%BC%A2%E5%AD%97/%F0%9F%90%88.png', '漢字/🐈.png'],
  ['..%2F..%2Fx', '../../x'],
  ['a'.repeat(1024), 'a'.repeat(1024)],
])('key %s', (encoded, key) => {
  expect(decodeKey(encoded)).toBe(key);
});
