import { PutObjectCommand } from '@aws-sdk/client-s3';
import { TableBusyError } from '../../../../functions/records/errors.ts';
import { PROBLEM_TYPE_PREFIX } from '../../../../functions/wire.ts';
import { type ApiCall, BUCKET, jsonOf, openTestApi } from '../test-api.ts';
import { type ContractWorld, JPEG, JSON_TYPE, typeOf } from './contract-world.ts';

/** Problems, in the order of their status. */
export function refusalTests(world: ContractWorld): void {
  test.each([
    ['POST', '/classify?top=0', 'top'],
    ['POST', '/classify?top=1&top=2', 'top'],
    ['POST', '/classify?explain=yes', 'explain'],
    ['POST', '/classify?tpo=3', 'tpo'],
    ['POST', '/classify?model=', 'model'],
    ['POST', '/classify?model=heavy&top=101', 'top'],
    ['POST', '/uploads?x=1', 'x'],
    ['GET', '/images?limit=101', 'limit'],
    ['GET', '/images?minProbability=0.5', 'minProbability'],
    ['GET', '/images?label=a&minProbability=1.5', 'minProbability'],
    ['GET', '/images?label=', 'label'],
    ['GET', '/images?cursor=abc', 'cursor'],
    ['GET', '/images?label=a&cursor=abc', 'cursor'],
    ['GET', '/images/YQ==', 'id'],
    ['GET', '/images/_w', 'id'],
    ['GET', '/jobs/%20', 'id'],
  ])('400: %s %s names the parameter %s', async (method, target, parameter) => {
    const answer = await world.api.call(method, target, { headers: method === 'POST' ? JPEG : {}, body: '' });

    expect(answer.status).toBe(400);
    expect(jsonOf(answer)).toMatchObject({ type: `${PROBLEM_TYPE_PREFIX}invalid-parameter`, parameter });
  });

  test.each([
    ['/classify', 'a broken object', '{', 'malformed-body', 400],
    ['/classify', 'a list', '[]', 'malformed-body', 400],
    ['/classify', 'a key that is a number', '{"key":1}', 'malformed-body', 400],
    ['/classify', 'more than a key', '{"key":"a","b":1}', 'malformed-body', 400],
    ['/classify', 'a key of 1,026 bytes', `{"key":"${'ü'.repeat(513)}"}`, 'malformed-body', 400],
    ['/classify', 'a key of no object', '{"key":"not there"}', 'image-not-found', 404],
    ['/classify', 'a list of values', `[${'1,'.repeat(10_000)}1]`, 'malformed-body', 400],
    ['/classify', 'too much', `"${'a'.repeat(5_900_000)}"`, 'image-too-large', 413],
    ['/classify', 'both a key and an image', '{"key":"a","image":"aaaa"}', 'malformed-body', 400],
    ['/uploads', 'a type that is not taken', '{"contentType":"image/svg+xml"}', 'malformed-body', 400],
    ['/uploads', 'nothing', '', 'malformed-body', 400],
    ['/uploads', 'too much', `"${'a'.repeat(20_000)}"`, 'body-too-large', 413],
  ])('POST %s with %s', async (path, _name, body, code, status) => {
    const answer = await world.api.call('POST', path, { headers: JSON_TYPE, body });

    expect([answer.status, typeOf(answer)]).toEqual([status, code]);
  });

  test.each([
    ['text', { 'content-type': 'text/plain' }, 'a', 'unsupported-media-type', 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 'unsupported-media-type', 415],
    ['notes', JPEG, 'these are notes', 'not-an-image', 415],
    [
      'an SVG',
      { 'content-type': 'image/svg+xml' },
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'unsupported-format',
      415,
    ],
  ])('415: %s', async (_name, headers, body, code, status) => {
    const answer = await world.api.call('POST', '/classify', { headers, body });

    expect([answer.status, typeOf(answer)]).toEqual([status, code]);
  });

  test('415: the error names the accepted media types; a picture needs no media type', async () => {
    const refused = await world.api.call('POST', '/classify', { headers: { 'content-type': 'text/plain' }, body: 'a' });
    const taken = await world.api.call('POST', '/classify', { body: world.picture });
    const json = await world.api.call('POST', '/uploads', { headers: JPEG, body: '{}' });

    expect(jsonOf(refused).accepted).toEqual([
      'image/*',
      'application/octet-stream',
      'multipart/form-data',
      'application/json',
    ]);
    expect(jsonOf(json).accepted).toEqual(['application/json']);
    expect(taken.status).toBe(200);
  });

  test.each([
    ['/a%23b%23c', '/a%23b%23c'],
    ['//evil.example/x', '/%2Fevil.example/x'],
  ])('404: %s is told as a path', async (target, instance) => {
    const answer = await world.api.call('GET', target);

    expect(answer.status).toBe(404);
    expect(jsonOf(answer).instance).toBe(instance);
  });

  test('404: an unknown model comes with the list', async () => {
    const answer = await world.api.call('POST', '/classify?model=resnet9000', { headers: JPEG, body: world.picture });

    expect(answer.status).toBe(404);
    expect(jsonOf(answer)).toMatchObject({ type: `${PROBLEM_TYPE_PREFIX}unknown-model`, models: ['sample', 'heavy'] });
  });

  test('413: exactly the limit passes to the decoder; a byte more is refused, and the way named', async () => {
    const most = await world.loading.call('POST', '/classify', { headers: JPEG, body: Buffer.alloc(4_400_000) });
    const more = await world.loading.call('POST', '/classify', { headers: JPEG, body: Buffer.alloc(4_400_001) });

    expect(most.status).toBe(503);
    expect([more.status, typeOf(more)]).toEqual([413, 'image-too-large']);
    expect(jsonOf(more).detail).toContain('POST /uploads');
  });

  test('413: an object above the limit, and a picture of too many pixels', async () => {
    const key = await world.object('large.jpg', Buffer.alloc(30_001));
    const bomb = Buffer.from(world.picture);
    const sof = bomb.indexOf(Buffer.from([0xff, 0xc0]));
    bomb.writeUInt16BE(60_000, sof + 5);

    const large = await world.api.call('POST', '/classify', { headers: JSON_TYPE, body: JSON.stringify({ key }) });
    const many = await world.api.call('POST', '/classify', { headers: JPEG, body: bomb });

    expect([large.status, typeOf(large)]).toEqual([413, 'image-too-large']);
    expect([many.status, typeOf(many)]).toEqual([413, 'too-many-pixels']);
  });

  test('422: a picture that ends early', async () => {
    const answer = await world.api.call('POST', '/classify', { headers: JPEG, body: world.picture.subarray(0, 2000) });

    expect([answer.status, typeOf(answer)]).toEqual([422, 'truncated-image']);
  });

  test('503: while the model loads, with the time to wait', async () => {
    const answer = await world.loading.call('POST', '/classify', { headers: JPEG, body: world.picture });

    expect([answer.status, typeOf(answer)]).toEqual([503, 'model-loading']);
    expect(answer.headers['retry-after']).toBe('5');
  });

  test('503: while the table is busy, with the time to wait', async () => {
    const busy = openTestApi({
      modelsDir: world.folder,
      model: 'sample',
      change: () => ({ readRecords: () => Promise.reject(new TableBusyError('the table is busy: ask again')) }),
    });
    const answer = await busy.call('GET', '/images');

    expect([answer.status, typeOf(answer)]).toEqual([503, 'table-busy']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(jsonOf(answer).detail).toBe('the table is busy: ask again');
  });

  test.each([
    ['POST', '/classify'],
    ['GET', '/jobs/x'],
    ['GET', '/images'],
    ['GET', '/images?label=a'],
    ['GET', '/images/YQ'],
    ['GET', '/labels'],
    ['POST', '/uploads'],
    ['GET', '/models'],
  ])('500: a fault of ours at %s %s keeps its secrets', async (method, target) => {
    await world.services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'a' }));
    const bodies: Record<string, ApiCall> = {
      '/uploads': { headers: JSON_TYPE, body: '{"contentType":"image/png"}' },
      '/classify': { headers: JPEG, body: world.picture },
    };

    const answer = await world.broken.call(method, target, bodies[target]);

    expect([answer.status, typeOf(answer)]).toEqual([500, 'internal']);
    expect(answer.body).not.toMatch(/secret|Error:|\n/);
    expect(jsonOf(answer).detail).toContain(jsonOf(answer).requestId);
  });
}
