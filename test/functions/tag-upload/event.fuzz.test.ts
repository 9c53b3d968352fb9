import fc from 'fast-check';
import { MalformedEventError } from '../../../functions/tag-upload/errors.ts';
import { decodeKey, parseUploadEvents } from '../../../functions/tag-upload/event.ts';

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

test('a notification with anything in the place of any value is parsed, or refused by name', () => {
  const whole = {
    Records: [
      {
        eventName: 'ObjectCreated:Put',
        s3: {
          bucket: { name: 'b' },
          object: { key: 'k', size: 1, eTag: 'e', versionId: 'v', sequencer: '0A' },
        },
      },
    ],
  };
  const paths = [
    'Records',
    'eventName',
    's3',
    'bucket',
    'name',
    'object',
    'key',
    'size',
    'eTag',
    'versionId',
    'sequencer',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (name, value) => {
      parsesOrRefuses(JSON.stringify(whole, (property, old) => (property === name ? value : old)));
    }),
    SEED,
  );
});
