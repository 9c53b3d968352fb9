import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { idOfKey } from '../../../../functions/api/parameters.ts';
import type { ImageRecord } from '../../../../functions/records/record.ts';
import { openRecordStore } from '../../../../functions/records/store.ts';
import { openThumbnailStore, thumbnailKey } from '../../../../functions/thumbnails/thumbnail-store.ts';
import { TABLE } from '../../records/test-table.ts';
import { validRecord } from '../../records/valid-record.ts';
import { BUCKET, jsonOf, openTestApi, SERVICE_BUCKET } from '../test-api.ts';
import { type ContractWorld, typeOf } from './contract-world.ts';

/** `GET /images/{id}/thumbnail`: what is made, kept, and made anew. */
export function thumbnailTests(world: ContractWorld): void {
  const path = (key: string) => `/images/${idOfKey(key)}/thumbnail`;
  const get = (key: string, headers = {}) => world.api.call('GET', path(key), { headers });
  const store = () => openThumbnailStore(world.services.s3, SERVICE_BUCKET);
  const thumbnailOf = (key: string) => store().read({ bucket: BUCKET, key });

  /** Puts an object that has a record of its content. */
  async function recorded(key: string, picture = world.picture, change: Partial<ImageRecord> = {}): Promise<string> {
    await world.object(key, picture);
    const object = await world.api.dependencies.bucket.find(key);
    const records = openRecordStore(world.services.table.client, TABLE);
    const record = validRecord({ bucket: BUCKET, key, eTag: object?.eTag ?? '', ...change });
    await records.write(record, { kind: 'unchanged', seen: (await records.read(record)).entry });
    return key;
  }

  test('a thumbnail is a WebP that is made once and then kept', async () => {
    const key = await recorded('thumb/kept.jpg');
    const first = await get(key);
    const counting = openTestApi({
      modelsDir: world.folder,
      model: 'sample',
      change: () => ({ makeThumbnail: () => Promise.reject(new Error('not again')) }),
    });

    const second = await counting.call('GET', path(key));

    expect(first.headers).toMatchObject({ 'content-type': 'image/webp', 'cache-control': 'private, no-cache' });
    expect(Buffer.from(first.body, 'base64').toString('latin1', 8, 12)).toBe('WEBP');
    expect([second.status, second.body, second.headers['etag']]).toEqual([200, first.body, first.headers['etag']]);
  });

  test('a client that has the thumbnail gets a 304 without content', async () => {
    const key = await recorded('thumb/known.jpg');
    const eTag = (await get(key)).headers['etag'] ?? '';

    for (const known of [eTag, `W/${eTag}`, `"other", ${eTag}`, '*']) {
      const answer = await get(key, { 'If-None-Match': known });
      expect([known, answer.status, answer.body, answer.headers['etag']]).toEqual([known, 304, '', eTag]);
    }
    expect((await get(key, { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  test('another content of the object has another thumbnail, at once', async () => {
    const key = await recorded('thumb/replaced.jpg');
    const old = await get(key);
    await world.object(key, await world.otherPicture());

    const answer = await get(key, { 'If-None-Match': old.headers['etag'] ?? '' });

    expect(answer.status).toBe(200);
    expect(answer.body).not.toBe(old.body);
  });

  test('without a record of its content a thumbnail is answered, but not kept', async () => {
    const key = await world.object('thumb/pending.jpg', world.picture);

    expect((await get(key)).status).toBe(200);
    expect(await thumbnailOf(key)).toBeNull();
  });

  test('an image that is deleted while its thumbnail is made leaves none behind', async () => {
    const key = await recorded('thumb/deleted.jpg');
    const api = openTestApi({
      modelsDir: world.folder,
      model: 'sample',
      change: ({ makeThumbnail }) => ({
        makeThumbnail: async (bytes) => {
          const thumbnail = await makeThumbnail(bytes);
          await world.services.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
          return thumbnail;
        },
      }),
    });

    expect((await api.call('GET', path(key))).status).toBe(200);
    expect(await thumbnailOf(key)).toBeNull();
    expect((await get(key)).status).toBe(404);
  });

  test('a thumbnail that another version of this program made is made anew', async () => {
    const key = await recorded('thumb/version.jpg');
    const answer = await get(key);
    const target = { Bucket: SERVICE_BUCKET, Key: thumbnailKey({ bucket: BUCKET, key }) };
    const { Metadata = {} } = await world.services.s3.send(new HeadObjectCommand(target));
    const old = { ...Metadata, 'thumbnail-version': '0' };
    await world.services.s3.send(new PutObjectCommand({ ...target, Body: 'old', Metadata: old }));

    expect((await get(key)).body).toBe(answer.body);
    expect((await thumbnailOf(key))?.bytes).toEqual(new Uint8Array(Buffer.from(answer.body, 'base64')));
  });

  test.each([
    ['not-an-image', 415, () => Buffer.from('hello')],
    ['not-an-image', 415, () => Buffer.alloc(0)],
    ['unsupported-format', 415, () => Buffer.from('%PDF-1.7')],
    ['truncated-image', 422, () => world.picture.subarray(0, world.picture.length / 2)],
    ['image-too-large', 413, () => Buffer.concat([world.picture, Buffer.alloc(30_000)])],
  ])('what cannot be decoded is the problem %s, %d', async (code, status, bytes) => {
    const key = await world.object(`thumb/${code}`, bytes());

    const answer = await get(key);

    expect([answer.status, typeOf(answer)]).toEqual([status, code]);
  });

  test('an image that was rejected is not read again, until it has another content', async () => {
    const reason = { code: 'truncated-image', message: 'the picture ends early' };
    const key = await recorded('thumb/rejected.jpg', world.picture, { state: 'rejected', reason, predictions: [] });
    const change = () => ({ objects: { open: () => Promise.reject(new Error('not again')) } });
    const api = openTestApi({ modelsDir: world.folder, model: 'sample', change });

    const answer = await api.call('GET', path(key));
    await world.object(key, await world.otherPicture());

    expect([answer.status, typeOf(answer), jsonOf(answer).detail]).toEqual([422, reason.code, reason.message]);
    expect((await get(key)).status).toBe(200);
  });

  test('refusals: an unknown image, an id that is none, a parameter, a fault of ours', async () => {
    const key = await world.object('thumb/any.jpg', world.picture);

    expect(typeOf(await get('thumb/none.jpg'))).toBe('image-not-found');
    expect((await world.api.call('GET', '/images/=/thumbnail')).status).toBe(400);
    expect((await world.api.call('GET', `${path(key)}?size=800`)).status).toBe(400);
    expect((await world.broken.call('GET', path(key))).status).toBe(500);
  });
}
