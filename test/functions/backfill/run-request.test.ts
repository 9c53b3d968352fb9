import { InvalidRunRequestError } from '../../../functions/backfill/errors.ts';
import { DEFAULT_TOLERATED_FAILURE_SHARE, readRunRequest } from '../../../functions/backfill/run-request.ts';

const read = (request: unknown, runId = 'run-1') => readRunRequest(request, runId, 2);

test('an empty request is for the whole bucket, with the defaults', () => {
  expect(read({})).toEqual({
    runId: 'run-1',
    source: { kind: 'listing' },
    bucket: null,
    prefix: '',
    suffix: '',
    minBytes: 0,
    maxBytes: null,
    model: null,
    concurrency: 2,
    toleratedFailureShare: DEFAULT_TOLERATED_FAILURE_SHARE,
    repair: false,
  });
});

test('a request may say all of it', () => {
  const request = {
    source: { kind: 'inventory', bucket: 'lists', manifestKey: 'photos/all/2026-11-27T01-00Z/manifest.json' },
    bucket: 'scans',
    prefix: '2024/',
    suffix: '.jpg',
    minBytes: 1,
    maxBytes: 2,
    model: 'sample',
    concurrency: 1000,
    toleratedFailureShare: 0,
    repair: true,
  };

  expect(read(request)).toEqual({ runId: 'run-1', ...request });
});

test.each([
  ['a field that there is not', { prefx: 'a' }, /prefx/],
  ['a source that there is not', { source: { kind: 'disk' } }, /source/],
  ['an inventory without its manifest', { source: { kind: 'inventory', bucket: 'lists' } }, /manifestKey/],
  ['no batch at a time', { concurrency: 0 }, /concurrency/],
  ['more than all functions of an account', { concurrency: 1001 }, /concurrency/],
  ['a share above 1', { toleratedFailureShare: 1.01 }, /toleratedFailureShare/],
  ['part of a byte', { minBytes: 0.5 }, /minBytes/],
  ['a path for a model', { model: '../x' }, /model/],
  ['text', 'prefix', /expected object/],
  ['nothing', undefined, /expected object/],
])('%s is refused by name', (_title, request, named) => {
  expect(() => read(request)).toThrow(InvalidRunRequestError);
  expect(() => read(request)).toThrow(named);
});

test('every fault is in one message, on one line', () => {
  expect(() => read({ minBytes: -1, suffix: 1 })).toThrow(
    /^[^\n]*suffix[^\n]*minBytes[^\n]*$|^[^\n]*minBytes[^\n]*suffix[^\n]*$/,
  );
});

test("the id of a run is a part of its results' keys, and is refused where it could be more", () => {
  expect(() => read({}, '../other')).toThrow(/runId/);
});
