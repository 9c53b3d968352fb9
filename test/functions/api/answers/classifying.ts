import { toDone } from '../../../../functions/records/job.ts';
import { openJobStore } from '../../../../functions/records/job-store.ts';
import { TABLE } from '../../records/test-table.ts';
import { BUCKET, jsonOf, openTestApi } from '../test-api.ts';
import { type ContractWorld, JPEG, JSON_TYPE } from './contract-world.ts';

const CONCEPT = { id: 'n11669921', label: 'flower', probability: 0.95 };

/** Answers of `POST /classify` to what it takes. */
export function classifyingTests(world: ContractWorld): void {
  test('200: a picture, with the requested options', async () => {
    const answer = await world.api.call('POST', '/classify?top=3&explain=true', { headers: JPEG, body: world.picture });

    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({
      model: 'sample',
      knows: { pictures: 'drawings', things: 32, command: expect.stringContaining('models fetch') },
      image: { width: 320, height: 360, format: 'jpeg', bytes: world.picture.length },
      explanation: { label: 'daisy', overlay: { contentType: 'image/png', width: 128, height: 144 } },
      escalated: null,
    });
    expect(jsonOf(answer).predictions.map(({ label }: { label: string }) => label)).toHaveLength(3);
    expect(jsonOf(answer).predictions[0].label).toBe('daisy');
  });

  test('200: an object of the bucket, and the reading of it is among the timings', async () => {
    const key = await world.object('a b/ü.jpg', world.picture);

    const answer = await world.api.call('POST', '/classify', { headers: JSON_TYPE, body: JSON.stringify({ key }) });

    const { timings, predictions } = jsonOf(answer);
    expect(predictions[0].label).toBe('daisy');
    expect(timings.total).toBeCloseTo(timings.read + timings.decode + timings.run, 0);
  });

  test('202: a heavy model gets a job, and the result is shown once it exists', async () => {
    const answer = await world.api.call('POST', '/classify?model=heavy&top=7', { headers: JPEG, body: world.picture });
    const { id } = jsonOf(answer);
    const request = world.asked.at(-1);

    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({ location: `/jobs/${id}`, 'retry-after': '2' });
    expect(request).toMatchObject({
      jobId: id,
      model: 'heavy',
      top: 7,
      source: { bucket: 'service', key: `jobs/${id}` },
    });
    const queued = await world.api.call('GET', `/jobs/${id}`);
    expect(jsonOf(queued)).toMatchObject({ id, state: 'queued', result: null });
    expect(queued.headers['retry-after']).toBe('2');

    const job = await world.api.dependencies.jobs.read(id);
    if (job === null) throw new TypeError('expected the job');
    const prediction = { rank: 1, label: 'daisy', wnid: 'n11939491', index: 985, probability: 0.9 };
    const image = { width: 320, height: 360, format: 'jpeg', bytes: world.picture.length } as const;
    await openJobStore(world.services.table.client, TABLE).write(
      toDone(
        job,
        { image, predictions: [prediction], concepts: [CONCEPT], concept: CONCEPT, explanation: null },
        new Date(),
      ),
    );
    const done = await world.api.call('GET', `/jobs/${id}`);

    expect(jsonOf(done)).toMatchObject({
      state: 'done',
      result: { model: 'heavy', predictions: [prediction], concepts: [CONCEPT], concept: CONCEPT, image },
    });
    expect(done.headers['retry-after']).toBeUndefined();
  });

  test('200: a job that waits for a model that is not deployed any more has failed, until the model comes back and answers it', async () => {
    const answer = await world.api.call('POST', '/classify?model=heavy', { headers: JPEG, body: world.picture });
    const { id } = jsonOf(answer);
    const withoutHeavy = openTestApi({ modelsDir: world.folder, model: 'sample' });
    const failed = await withoutHeavy.call('GET', `/jobs/${id}`);

    expect(jsonOf(failed)).toMatchObject({
      id,
      state: 'failed',
      reason: { code: 'heavy-model-removed' },
      result: null,
    });
    expect(jsonOf(failed).reason.message).toMatch(/^the model heavy is not deployed any more/);
    expect(failed.headers['retry-after']).toBeUndefined();
    expect(jsonOf(await world.api.call('GET', `/jobs/${id}`))).toMatchObject({ state: 'failed' });
    const job = await world.api.dependencies.jobs.read(id);
    if (job === null) throw new TypeError('expected the job');
    const image = { width: 320, height: 360, format: 'jpeg', bytes: world.picture.length } as const;
    const prediction = { rank: 1, label: 'daisy', wnid: 'n11939491', index: 985, probability: 0.9 };
    const done = toDone(
      job,
      { image, predictions: [prediction], concepts: [CONCEPT], concept: CONCEPT, explanation: null },
      new Date(),
    );
    await openJobStore(world.services.table.client, TABLE).write(done);
    expect(jsonOf(await withoutHeavy.call('GET', `/jobs/${id}`))).toMatchObject({ state: 'done', reason: null });
  });

  test('202: a heavy model looks at an object where it lies', async () => {
    const key = await world.object('for-heavy.jpg', world.picture);

    const answer = await world.api.call('POST', '/classify?model=heavy', {
      headers: JSON_TYPE,
      body: JSON.stringify({ key }),
    });

    expect(answer.status).toBe(202);
    expect(world.asked.at(-1)?.source).toEqual({
      bucket: BUCKET,
      key,
      versionId: null,
      eTag: expect.stringMatching(/^[0-9a-f]{32}$/),
      sequencer: null,
    });
  });

  test('model=auto answers at once, and links the job where it is not sure', async () => {
    const before = world.asked.length;

    const answer = await world.api.call('POST', '/classify?model=auto', { headers: JPEG, body: world.picture });

    const { model, escalated } = jsonOf(answer);
    expect(model).toBe('sample');
    expect(escalated).toEqual({
      model: 'heavy',
      jobId: world.asked.at(-1)?.jobId,
      job: `/jobs/${world.asked.at(-1)?.jobId}`,
    });
    expect(world.asked.length).toBe(before + 1);
  });
}
