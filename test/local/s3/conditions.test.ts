import { type Conditions, checkRead, checkWrite } from '../../../local/s3/conditions.ts';
import type { ObjectVersion } from '../../../local/s3/store/object-version.ts';

const NONE: Conditions = {
  ifMatch: undefined,
  ifNoneMatch: undefined,
  ifModifiedSince: undefined,
  ifUnmodifiedSince: undefined,
};
const AT = 'Sat, 31 Jan 2026 12:00:00 GMT';
const BEFORE = 'Sat, 31 Jan 2026 11:59:59 GMT';

const VERSION: ObjectVersion = {
  versionId: 'null',
  sequencer: '0'.repeat(16),
  lastModified: Date.parse(AT) + 500,
  deleteMarker: false,
  headers: {},
  tags: [],
  segments: [],
  size: 0,
  eTag: 'abc',
  checksums: {},
};

test.each<[Partial<Conditions>, string]>([
  [{}, 'proceed'],
  [{ ifMatch: '"abc"' }, 'proceed'],
  [{ ifMatch: 'abc' }, 'proceed'],
  [{ ifMatch: '"x", "abc"' }, 'proceed'],
  [{ ifMatch: '*' }, 'proceed'],
  [{ ifMatch: '"x"' }, 'PreconditionFailed'],
  [{ ifMatch: '"abc"', ifUnmodifiedSince: BEFORE }, 'proceed'],
  [{ ifUnmodifiedSince: AT }, 'proceed'],
  [{ ifUnmodifiedSince: BEFORE }, 'PreconditionFailed'],
  [{ ifNoneMatch: '"abc"' }, 'not-modified'],
  [{ ifNoneMatch: '"x"' }, 'proceed'],
  [{ ifNoneMatch: '"x"', ifModifiedSince: AT }, 'proceed'],
  [{ ifModifiedSince: AT }, 'not-modified'],
  [{ ifModifiedSince: BEFORE }, 'proceed'],
  [{ ifModifiedSince: 'never' }, 'proceed'],
  [{ ifUnmodifiedSince: 'never' }, 'proceed'],
])('a read with %j: %s', (conditions, expected) => {
  const outcome = () => {
    try {
      return checkRead({ ...NONE, ...conditions }, VERSION);
    } catch (error) {
      return Reflect.get(Object(error), 'code');
    }
  };
  expect(outcome()).toBe(expected);
});

test.each<[string, Partial<Conditions>, ObjectVersion | undefined, string | undefined]>([
  ['nothing there', { ifNoneMatch: '*' }, undefined, undefined],
  ['a delete marker', { ifNoneMatch: '*' }, { ...VERSION, deleteMarker: true }, undefined],
  ['an object', { ifNoneMatch: '*' }, VERSION, 'PreconditionFailed'],
  ['an object', { ifNoneMatch: '"abc"' }, VERSION, 'NotImplemented'],
  ['that object', { ifMatch: '"abc"' }, VERSION, undefined],
  ['another object', { ifMatch: '"x"' }, VERSION, 'PreconditionFailed'],
  ['nothing there', { ifMatch: '"abc"' }, undefined, 'NoSuchKey'],
])('a write onto %s with %j', (_what, conditions, current, code) => {
  const write = () => checkWrite({ ...NONE, ...conditions }, current);
  if (code === undefined) expect(write).not.toThrow();
  else expect(write).toThrow(expect.objectContaining({ code }));
});
