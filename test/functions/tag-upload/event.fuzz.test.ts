import fc from 'fast-check';
import { MalformedEventError } from '../../../functions/tag-upload/errors.ts';
import { parseUploadEvents } from '../../../functions/tag-upload/event.ts';
import { decodeKey } from '../../../functions/tag-upload/notification.ts';
import { bodyOf, throughSns } from './wrapped-events.ts';

const SEED = { seed: 20261124, numRuns: 500 };
const KINDS = ['created', 'removed', 'lifecycle-expired', 'test-event', 'ignored'];

/** Events, or the named error; nothing else comes out. */
function parsesOrRefuses(body: string): void {
  try {
    for (const { kind } of parseUploadEvents(body)) expect(KINDS).toContain(kind);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedEventError);
  }
}

const key = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => Buffer.byteLength(text) <= 1024);

/** As S3 encodes keys: percent-encoded UTF-8, a space as +, slashes as they are. */
function encodeAsS3(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/');
}

test('every key comes back from its encoding', () => {
  fc.assert(
    fc.property(key, (text) => {
      expect(decodeKey(encodeAsS3(text))).toBe(text);
    }),
    SEED,
  );
});

test('any text as a key is decoded, or refused by name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      try {
        expect(Buffer.byteLength(decodeKey(text))).toBeLessThanOrEqual(1024);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedEventError);
      }
    }),
    SEED,
  );
});

test('any text as a message is parsed, or refused by name', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), parsesOrRefuses), SEED);
});

test('any JSON as a message is parsed, or refused by name', () => {
  fc.assert(fc.property(fc.json(), parsesOrRefuses), SEED);
});

test.each([
  'notification-put',
  'notification-delete-marker',
  'sns-put',
  'sns-eventbridge-put',
  'sns-subscription-confirmation',
  'eventbridge-put',
  'eventbridge-delete-marker',
  'test-event',
])('%s with anything in the place of any value is parsed, or refused by name', (name) => {
  const whole = JSON.parse(bodyOf(name));
  const names = propertiesOf(whole);
  const anything = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(whole)), fc.json());
  fc.assert(
    fc.property(fc.constantFrom(...names), anything, (changed, value) => {
      parsesOrRefuses(JSON.stringify(replaced(whole, changed, value)));
    }),
    SEED,
  );
});

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The names of all properties, at any depth. */
function propertiesOf(value: unknown): string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...propertiesOf(inner)]);
}

/** A copy in which every property of this name has another value. */
function replaced(value: unknown, name: string, by: unknown): unknown {
  if (Array.isArray(value)) return name === '0' ? [by] : value.map((one) => replaced(one, name, by));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([property, inner]) => [property, property === name ? by : replaced(inner, name, by)]),
  );
}

test('an event says the same as a notification, through EventBridge, SNS, or both', () => {
  const event = fc.record({
    key,
    versionId: fc.option(fc.stringMatching(/^[A-Za-z0-9._]{1,32}$/), { nil: undefined }),
    eTag: fc.option(fc.stringMatching(/^[0-9a-f]{32}(-[1-9]{1,4})?$/), { nil: undefined }),
    size: fc.option(fc.nat(), { nil: undefined }),
    sequencer: fc.option(fc.stringMatching(/^[0-9A-F]{16,18}$/), { nil: undefined }),
  });
  const ways: readonly (readonly [string, string, object])[] = [
    ['ObjectCreated:Put', 'Object Created', { reason: 'PutObject' }],
    ['ObjectRemoved:Delete', 'Object Deleted', { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' }],
    [
      'LifecycleExpiration:DeleteMarkerCreated',
      'Object Deleted',
      { reason: 'Lifecycle Expiration', 'deletion-type': 'Delete Marker Created' },
    ],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...ways), event, ([eventName, type, detail], { key: plain, ...object }) => {
      const { versionId, eTag, size, sequencer } = object;
      const bucket = { name: 'pictures' };
      const notification = JSON.stringify({
        Records: [{ eventName, s3: { bucket, object: { ...object, key: encodeAsS3(plain) } } }],
      });
      const bridged = JSON.stringify({
        source: 'aws.s3',
        'detail-type': type,
        detail: { ...detail, bucket, object: { key: plain, 'version-id': versionId, etag: eTag, size, sequencer } },
      });
      const [expected] = parseUploadEvents(notification);

      expect(expected).toMatchObject({ name: { key: plain }, sequencer: sequencer ?? null });
      for (const body of [bridged, throughSns(notification), throughSns(bridged)]) {
        expect(parseUploadEvents(body)).toEqual([expected]);
      }
    }),
    SEED,
  );
});

test('a message that is nested half a million deep is refused by name', () => {
  const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;

  for (const body of [deep, throughSns(deep), `{"Records":${deep}}`, `{"detail-type":"x","source":${deep}}`]) {
    expect(() => parseUploadEvents(body)).toThrow(MalformedEventError);
  }
});
