import { MalformedEventError } from '../../../functions/tag-upload/errors.ts';
import { parseUploadEvents } from '../../../functions/tag-upload/event.ts';
import { bodyOf, throughSns } from './wrapped-events.ts';

/** The body of a fixture with changes to its envelope, its detail and its object. */
function changed(name: string, { envelope = {}, detail = {}, object = {} }: Record<string, object>): string {
  const event = JSON.parse(bodyOf(name));
  return JSON.stringify({
    ...event,
    ...envelope,
    detail: { ...event.detail, ...detail, object: { ...event.detail.object, ...object } },
  });
}

test.each(['put', 'delete', 'delete-marker', 'lifecycle-marker'])(
  'EventBridge’s event %s says what the notification says',
  (name) => {
    const [event] = parseUploadEvents(bodyOf(`notification-${name}`));

    expect(parseUploadEvents(bodyOf(`eventbridge-${name}`))).toEqual([event]);
    expect(parseUploadEvents(throughSns(bodyOf(`eventbridge-${name}`)))).toEqual([event]);
  },
);

test('an upload has all that the event says of it', () => {
  expect(parseUploadEvents(bodyOf('eventbridge-put'))).toEqual([
    {
      kind: 'created',
      name: { bucket: 'pictures', key: 'holiday/red flower & sea.jpg' },
      versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
      eTag: '4e68adba0abe2dc8653dc3354e14c01d',
      size: 184662,
      sequencer: '006408CAD69598B05E',
      time: '2026-11-24T12:00:00.000Z',
    },
  ]);
});

test.each(['PutObject', 'POST Object', 'CopyObject', 'CompleteMultipartUpload'])(
  'an object that was created by %s is an upload',
  (reason) => {
    expect(parseUploadEvents(changed('eventbridge-put', { detail: { reason } }))).toMatchObject([{ kind: 'created' }]);
  },
);

test('the deletion of one version names it, and is no marker', () => {
  const body = changed('eventbridge-delete', { object: { 'version-id': 'v1' } });

  expect(parseUploadEvents(body)).toMatchObject([{ kind: 'removed', versionId: 'v1', marker: false }]);
});

test.each(['red+flower.jpg', '100%.jpg', '%41.jpg', 'a b', '漢字/🐈.png', '../x', 'a'.repeat(1024)])(
  'the key %s is taken as it is',
  (key) => {
    expect(parseUploadEvents(changed('eventbridge-put', { object: { key } }))).toMatchObject([{ name: { key } }]);
  },
);

test('fields that an event does not have are null', () => {
  const body = changed('eventbridge-put', {
    object: { 'version-id': undefined, etag: undefined, size: undefined, sequencer: undefined },
  });

  expect(parseUploadEvents(body)).toMatchObject([{ versionId: null, eTag: null, size: null, sequencer: null }]);
});

test.each(['Object Restore Completed', 'Object Tags Added', 'Object ACL Updated', 'Object Storage Class Changed'])(
  '%s is ignored, whatever it holds',
  (type) => {
    const body = changed('eventbridge-restore-completed', { envelope: { 'detail-type': type } });

    expect(parseUploadEvents(body)).toEqual([{ kind: 'ignored', eventName: type }]);
  },
);

test.each<[string, string, string]>([
  ['of another service', changed('eventbridge-put', { envelope: { source: 'aws.ec2' } }), 'comes from "aws.ec2"'],
  [
    'of CloudTrail',
    changed('eventbridge-put', { envelope: { 'detail-type': 'AWS API Call via CloudTrail' } }),
    'turn on EventBridge in the bucket',
  ],
  ['without a detail', JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created' }), 'cannot be read'],
  ['without a source', JSON.stringify({ 'detail-type': 'Object Created', detail: {} }), 'source'],
  ['without a key', changed('eventbridge-put', { object: { key: '' } }), 'key'],
  ['with a key of 1,025 bytes', changed('eventbridge-put', { object: { key: 'a'.repeat(1025) } }), '1025 bytes'],
  ['with half a character in its key', changed('eventbridge-put', { object: { key: 'a\ud83d' } }), 'surrogate'],
  ['with a bucket like a path', changed('eventbridge-put', { detail: { bucket: { name: 'a/b' } } }), 'bucket'],
  ['with a sequencer that is not hexadecimal', changed('eventbridge-put', { object: { sequencer: 'x' } }), 'hex'],
  ['with a size that is a text', changed('eventbridge-put', { object: { size: '5' } }), 'size'],
  ['of a deletion of no known type', changed('eventbridge-delete', { detail: { 'deletion-type': 'x' } }), 'deletion'],
])('an event %s is malformed, and the error says so', (_what, body, words) => {
  expect(() => parseUploadEvents(body)).toThrow(MalformedEventError);
  expect(() => parseUploadEvents(body)).toThrow(words);
});
