import { ApiError } from '../../../web/api/api-error.ts';
import { explain, explainOutcome } from '../../../web/api/explain.ts';

test.each([
  ['not-an-image', 415, 'Not a picture', false],
  ['unsupported-format', 415, 'This file type is not supported', false],
  ['truncated-image', 422, 'The picture is damaged or cut off', false],
  ['too-many-pixels', 413, 'The picture has too many pixels', false],
  ['image-too-large', 413, 'The file is too large', false],
  ['', 413, 'The file is too large', false],
  ['invalid-parameter', 400, 'The request was refused', true],
  ['', 0, 'The service cannot be reached', true],
  ['', 401, 'You are not signed in', true],
  ['', 403, 'This is not allowed', true],
  ['unknown-model', 404, 'Not found', true],
  ['', 429, 'Too many requests', true],
  ['model-loading', 503, 'The service is not ready yet', true],
  ['table-busy', 503, 'The service is not ready yet', true],
  ['internal', 500, 'Something went wrong in the service', true],
  ['', 502, 'Something went wrong in the service', true],
])('%s, status %i: %s', (code, status, title, canRetry) => {
  const explanation = explain(new ApiError('exactly this', { status, code }));

  expect(explanation).toMatchObject({ title, canRetry, detail: 'exactly this' });
  expect(explanation.advice).not.toBe('');
});

test.each([new TypeError('x is not a function'), 'text'])('a fault of the page itself says so: %p', (thrown) => {
  expect(explain(thrown).title).toBe('Something went wrong on this page');
});

test('a rejected picture cannot be retried, a failed one can', () => {
  const rejected = explainOutcome('rejected', { code: 'truncated-image', message: 'the data end early' });
  const unknown = explainOutcome('rejected', { code: 'new-code', message: 'for a new reason' });
  const failed = explainOutcome('failed', null);

  expect(rejected).toMatchObject({
    title: 'The picture is damaged or cut off',
    detail: 'the data end early',
    canRetry: false,
  });
  expect(unknown).toMatchObject({
    title: 'This file cannot be classified',
    detail: 'for a new reason',
    canRetry: false,
  });
  expect(failed).toMatchObject({ detail: 'No reason was recorded.', canRetry: true });
});
