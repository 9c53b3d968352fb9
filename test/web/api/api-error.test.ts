import { readApiError } from '../../../web/api/api-error.ts';

test('a problem of the API has its code and its words', async () => {
  const problem = {
    type: 'urn:autoswiftnet:problem:truncated-image',
    title: 'Truncated image',
    status: 422,
    detail: 'the data end early',
  };

  const error = await readApiError(Response.json(problem, { status: 422 }));

  expect(error).toMatchObject({
    status: 422,
    code: 'truncated-image',
    message: 'the data end early',
    retryAfterMs: null,
  });
});

test.each([
  ['API Gateway’s own answer', Response.json({ message: 'Too Many Requests' }, { status: 429 }), 'Too Many Requests'],
  ['a problem without detail', Response.json({ title: 'Gone' }, { status: 410 }), 'Gone'],
  ['a page of a proxy', new Response('<h1>Bad Gateway</h1>', { status: 502 }), 'The service answered with status 502.'],
  ['nothing', new Response(null, { status: 500 }), 'The service answered with status 500.'],
  ['JSON of another kind', Response.json(['x'], { status: 400 }), 'The service answered with status 400.'],
  ['empty words', Response.json({ message: '' }, { status: 403 }), 'The service answered with status 403.'],
])('%s is explained in words', async (_what, response, words) => {
  const error = await readApiError(response);

  expect(error.message).toBe(words);
  expect(error.code).toBe('');
  expect(error.status).toBe(response.status);
});

test.each([
  ['5', 5_000],
  ['0', 0],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ['soon', null],
])('Retry-After: %s is %p ms', async (header, ms) => {
  const error = await readApiError(new Response('', { status: 503, headers: { 'retry-after': header } }));

  expect(error.retryAfterMs).toBe(ms);
});
