import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPENAPI_FILE } from '../../../../functions/api/openapi.ts';
import { idOfKey } from '../../../../functions/api/parameters.ts';
import { ROUTE_PATHS } from '../../../../functions/api/route-paths.ts';
import { openRecordStore } from '../../../../functions/records/store.ts';
import { TABLE } from '../../records/test-table.ts';
import { validRecord } from '../../records/valid-record.ts';
import { BUCKET, jsonOf, openTestApi } from '../test-api.ts';
import { type ContractWorld, JPEG, typeOf } from './contract-world.ts';

/** What is listed and found: images, models, jobs, paths. */
export function listTests(world: ContractWorld): void {
  test('the bucket is listed in the order of its keys, with URLs that answer with the right media type', async () => {
    for (const key of ['list/b', 'list/a', 'list/ü \u0001&<.jpg']) await world.object(key, world.picture);
    const all: { key: string; id: string; state: string; url: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await world.api.call('GET', `/images?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      all.push(...jsonOf(page).images);
      cursor = jsonOf(page).cursor;
    }

    const keys = all.map(({ key }) => key);
    expect(keys).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(keys).toEqual(expect.arrayContaining(['list/a', 'list/b', 'list/ü \u0001&<.jpg']));
    const last = all.at(-1);
    expect(last).toMatchObject({ state: 'pending', id: idOfKey('list/ü \u0001&<.jpg') });
    const shown = await fetch(last?.url ?? '');
    expect(shown.headers.get('content-type')).toBe('application/octet-stream');
    expect(shown.headers.get('content-disposition')).toBe('inline');
    expect(Buffer.from(await shown.arrayBuffer()).equals(world.picture)).toBe(true);
  });

  test('the newest images come first, page by page, and only those that were looked at', async () => {
    const store = openRecordStore(world.services.table.client, TABLE);
    for (const [index, key] of ['new/b', 'new/c', 'new/a'].entries()) {
      const record = validRecord({ bucket: BUCKET, key, lastModified: `2026-11-26T12:00:0${index}.000Z` });
      await store.write(record, { kind: 'unchanged', seen: null });
    }
    await world.object('new/pending', world.picture);

    const first = jsonOf(await world.api.call('GET', '/images?order=newest&limit=2'));
    const second = jsonOf(await world.api.call('GET', `/images?order=newest&limit=2&cursor=${first.cursor}`));

    const shown = [...first.images, ...second.images].map(({ key, lastModified }) => [key, lastModified]);
    expect(shown).toEqual([
      ['new/a', '2026-11-26T12:00:02.000Z'],
      ['new/c', '2026-11-26T12:00:01.000Z'],
      ['new/b', '2026-11-26T12:00:00.000Z'],
    ]);
    expect(second.cursor).toBeNull();
  });

  test('a label and an order exclude each other, and the error names both', async () => {
    for (const order of ['newest', 'key']) {
      const answer = await world.api.call('GET', `/images?label=daisy&order=${order}`);

      expect(answer.status).toBe(400);
      expect(jsonOf(answer)).toMatchObject({
        parameter: 'order',
        detail: expect.stringContaining('order: it cannot be combined with label'),
      });
    }
  });

  test('a model has one name: the list has it, model= takes it, and the answer says it', async () => {
    const { models, default: standard } = jsonOf(await world.api.call('GET', '/models'));
    const [listed] = models;

    const answer = await world.api.call('POST', `/classify?model=${listed.name}`, {
      headers: JPEG,
      body: world.picture,
    });

    expect([listed.name, standard, jsonOf(answer).model]).toEqual(['sample', 'sample', 'sample']);
  });

  test('a package whose folder was renamed answers under neither name', async () => {
    const modelsDir = join(world.folder, 'renamed');
    await cp(join(world.folder, 'sample'), join(modelsDir, 'mine'), { recursive: true });
    const renamed = openTestApi({ modelsDir, model: 'mine' });

    const list = await renamed.call('GET', '/models');
    const answer = await renamed.call('POST', '/classify?model=mine', { headers: JPEG, body: world.picture });

    expect([list.status, answer.status]).toEqual([500, 500]);
    await expect(renamed.dependencies.classifier()).rejects.toThrow(
      'the folder is named mine, but it holds the package sample. Rename the folder back',
    );
  });

  test('labels are completed, with their synonyms', async () => {
    const dog = await world.api.call('GET', '/labels?query=Domestic%20D&limit=1');
    const corgis = await world.api.call('GET', '/labels?query=Corgi');
    const none = await world.api.call('GET', '/labels?query=qqq');

    expect(jsonOf(dog)).toEqual({
      labels: [{ id: 'n02084071', label: 'dog', synonyms: ['domestic dog', 'Canis familiaris'], kind: 'concept' }],
    });
    expect(jsonOf(corgis).labels.map(({ label, kind }: { label: string; kind: string }) => [label, kind])).toEqual([
      ['corgi', 'concept'],
      ['Cardigan', 'label'],
      ['Pembroke', 'label'],
    ]);
    expect(jsonOf(none)).toEqual({ labels: [] });
    expect(jsonOf(await world.api.call('GET', '/labels')).labels).toHaveLength(10);
    for (const query of ['limit=51', 'limit=0', `query=${'x'.repeat(201)}`, 'label=dog']) {
      const answer = await world.api.call('GET', `/labels?${query}`);
      expect([answer.status, typeOf(answer)]).toEqual([400, 'invalid-parameter']);
    }
  });

  test('HEAD is answered as GET', async () => {
    const [get, head] = [await world.api.call('GET', '/models'), await world.api.call('HEAD', '/models')];

    expect(head.status).toBe(200);
    expect(head.headers).toEqual(get.headers);
  });

  test('an unknown path is a 404, and a wrong method is a 405 that names the allowed methods', async () => {
    for (const path of ['/', '/nothing', '/images/a/b', '/__proto__', '/constructor']) {
      expect((await world.api.call('GET', path)).status).toBe(404);
    }
    for (const { path, method } of ROUTE_PATHS) {
      const answer = await world.api.call('PATCH', path.replace('{id}', 'YQ'));
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']).toContain(method);
    }
  });

  test('GET /openapi.yaml is the document itself', async () => {
    const answer = await world.api.call('GET', '/openapi.yaml');

    expect(answer.body).toBe(await readFile(OPENAPI_FILE, 'utf8'));
  });

  test('an image is found by its id, and models and health list what exists', async () => {
    const key = await world.object('one.jpg', world.picture);

    const image = await world.api.call('GET', `/images/${idOfKey(key)}`);
    const missing = await world.api.call('GET', `/images/${idOfKey('none.jpg')}`);
    const models = await world.api.call('GET', '/models');
    const health = await world.api.call('GET', '/health?x=1');
    const job = await world.api.call('GET', '/jobs/none');
    const search = await world.api.call('GET', '/images?label=daisy&minProbability=0.5');

    expect(jsonOf(image)).toMatchObject({ key, state: 'pending', predictions: [] });
    expect([missing.status, typeOf(missing)]).toEqual([404, 'image-not-found']);
    expect(jsonOf(models).models).toMatchObject([
      { name: 'sample', runs: 'now', precision: 'fp32', license: 'Apache-2.0', knows: { things: 32 } },
      { name: 'heavy', runs: 'queued', precision: null, license: null, knows: null },
    ]);
    expect(jsonOf(models)).toMatchObject({ default: 'sample', auto: true });
    expect(jsonOf(health)).toMatchObject({ status: 'ok', models: ['sample', 'heavy'], auth: null });
    expect([job.status, typeOf(job)]).toEqual([404, 'job-not-found']);
    expect(jsonOf(search)).toEqual({ images: [], cursor: null });
  });
}
