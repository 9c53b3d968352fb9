import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { FORM_KEPT_SECONDS } from '../../../functions/api/uploads.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { HEAVY_NAME, MODEL_NAME } from '../../functions/tagging/word-classifier.ts';
import { eTagOf, type PlannedBucket, predictionsOf } from './expected.ts';
import type { Machine } from './machine.ts';
import { pictureOf } from './pictures.ts';
import type { Operation } from './plan.ts';
import type { SimulatedFunction } from './simulated-function.ts';

/** A job that a user knows of. */
export interface KnownJob {
  readonly id: string;
  /** The words of the picture that it may be about: of the object, if it is about one. */
  readonly words: readonly string[];
}

/** An operation about one image. */
type OfImage = Extract<Operation, { kind: 'show' | 'thumbnail' }>;
type Asking = Extract<
  Operation,
  { kind: 'classify' | 'classify-key' | 'job' | 'permission' | 'show' | 'thumbnail' | 'search' | 'list' | 'newest' }
>;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const predictionSchema = z.object({ label: z.string(), probability: z.number() });
const imageSchema = z.object({
  key: z.string(),
  state: z.enum(['pending', 'tagged', 'rejected', 'failed']),
  predictions: z.array(predictionSchema),
});
const imagesSchema = z.object({ images: z.array(imageSchema) });
const classificationSchema = z.object({ model: z.string(), predictions: z.array(predictionSchema) });
const formSchema = z.object({ expiresAt: z.string() });
const jobSchema = z.object({ id: z.string() });

/** What a gateway says when the function has failed. */
const BROKEN: Answer = { status: 500, headers: {}, body: '' };
/** A request whose answer was lost is sent again after this time. */
const AGAIN_MS = 3_000;
const MOST_TRIES = 400;

/** People who ask the API, and look closely at what it answers. */
export class Users {
  readonly jobs: KnownJob[] = [];
  /** Keys for which a request for the thumbnail failed. */
  readonly unfinishedThumbnails = new Set<string>();
  /** Requests that have no answer yet. */
  open = 0;
  readonly #machine: Machine;
  readonly #api: SimulatedFunction;
  readonly #bucket: PlannedBucket;

  constructor(machine: Machine, api: SimulatedFunction, bucket: PlannedBucket) {
    this.#machine = machine;
    this.#api = api;
    this.#bucket = bucket;
  }

  async act(operation: Asking): Promise<void> {
    this.open += 1;
    try {
      await this.#ask(operation);
    } catch (error) {
      this.#find(operation, `its answer could not be read: ${error instanceof Error ? error.stack : error}`);
    } finally {
      this.open -= 1;
    }
  }

  async #ask(operation: Asking): Promise<void> {
    switch (operation.kind) {
      case 'classify':
        return this.#classify(operation);
      case 'classify-key':
        return this.#classifyKey(operation);
      case 'job':
        return this.#askJob(operation);
      case 'permission':
        return this.#askPermission(operation);
      case 'show':
        return this.#show(operation);
      case 'thumbnail':
        return this.#lookAt(operation);
      case 'search':
        return this.#search(operation);
      case 'list':
      case 'newest':
        return this.#list(operation);
    }
  }

  async #classify(operation: Extract<Operation, { kind: 'classify' }>): Promise<void> {
    const { words, id } = operation;
    const answers = await this.#repeat(operation.times, '/classify', { key: `classify ${id}`, body: pictureOf(words) });
    for (const { status, body } of answers) {
      if (words.startsWith('bad')) {
        if (status !== 422 && status !== 415 && status !== 400)
          this.#find(operation, `status ${status} for what is no picture`);
      } else if (status !== 200) this.#find(operation, `status ${status}`);
      else this.#isAbout(operation, classificationSchema.parse(JSON.parse(body)).predictions, [words]);
    }
    this.#areSame(
      operation,
      answers.filter(({ status }) => status === 200),
    );
  }

  async #classifyKey(operation: Extract<Operation, { kind: 'classify-key' }>): Promise<void> {
    const { key } = operation;
    const headers = { 'content-type': 'application/json' };
    const { status, body } = await this.#once('POST', '/classify', headers, Buffer.from(JSON.stringify({ key })));
    const known = [...(this.#bucket.words.get(key) ?? [])];
    if (status === 200) this.#isAbout(operation, classificationSchema.parse(JSON.parse(body)).predictions, known);
    else if (status === 202) this.jobs.push({ id: jobSchema.parse(JSON.parse(body)).id, words: known });
    else if (status < 400 || (status >= 500 && !known.some(isOurFault) && !this.#wasFault()))
      this.#find(operation, `status ${status}`);
  }

  async #askJob(operation: Extract<Operation, { kind: 'job' }>): Promise<void> {
    const { words, id, times } = operation;
    const path = `/classify?model=${HEAVY_NAME}`;
    const answers = await this.#repeat(times, path, { key: `job ${id}`, body: pictureOf(words) });
    for (const { status, body } of answers) {
      if (status !== 202) this.#find(operation, `status ${status}`);
      else this.jobs.push({ id: jobSchema.parse(JSON.parse(body)).id, words: [words] });
    }
    const ids = new Set(
      this.jobs.filter((job) => job.words.length === 1 && job.words[0] === words).map((job) => job.id),
    );
    if (ids.size > 1) this.#find(operation, `one request made ${ids.size} jobs`);
  }

  async #askPermission(operation: Extract<Operation, { kind: 'permission' }>): Promise<void> {
    const body = Buffer.from(JSON.stringify({ contentType: 'image/jpeg' }));
    const answers = await this.#repeat(operation.times, '/uploads', {
      key: `permission ${operation.id}`,
      body,
      type: 'application/json',
    });
    for (const { status } of answers) if (status !== 201) this.#find(operation, `status ${status}`);
    this.#areSameWhileKept(
      operation,
      answers.filter(({ status }) => status === 201),
    );
  }

  async #show(operation: OfImage): Promise<void> {
    const { status, body } = await this.#once('GET', `/images/${idOf(operation.key)}`);
    if (status === 200) this.#isSound(operation, imageSchema.parse(JSON.parse(body)));
    else if (status !== 404 && !this.#wasFault()) this.#find(operation, `status ${status}`);
  }

  async #lookAt(operation: OfImage): Promise<void> {
    const { status, body, headers } = await this.#once('GET', `/images/${idOf(operation.key)}/thumbnail`);
    const known = [...(this.#bucket.words.get(operation.key) ?? [])];
    if (status >= 500) this.unfinishedThumbnails.add(operation.key);
    if (status === 200) {
      const shown = known.find((words) => pictureOf(words).toString('base64') === body);
      if (shown === undefined) this.#find(operation, 'the thumbnail is of another image');
      else if (!String(headers['etag']).includes(eTagOf(shown)))
        this.#find(operation, 'the thumbnail has the ETag of other content');
    } else if (status === 415 && known.some((words) => words.startsWith('bad'))) return;
    else if (status !== 404 && status < 500) this.#find(operation, `status ${status}`);
    else if (status >= 500 && !this.#wasFault()) this.#find(operation, `status ${status}`);
  }

  async #search(operation: Extract<Operation, { kind: 'search' }>): Promise<void> {
    const { status, body } = await this.#once('GET', `/images?label=${encodeURIComponent(operation.label)}`);
    if (status !== 200) {
      if (!this.#wasFault()) this.#find(operation, `status ${status}`);
      return;
    }
    for (const image of imagesSchema.parse(JSON.parse(body)).images) {
      this.#isSound(operation, image);
      const label = operation.label.startsWith('n0') ? 'lion' : operation.label;
      if (!image.predictions.some((one) => one.label.toLowerCase() === label)) {
        this.#find(operation, `${image.key} was found, and has no such label`);
      }
    }
  }

  async #list(operation: Extract<Operation, { kind: 'list' | 'newest' }>): Promise<void> {
    const { status, body } = await this.#once('GET', operation.kind === 'list' ? '/images' : '/images?order=newest');
    if (status === 200)
      for (const image of imagesSchema.parse(JSON.parse(body)).images) this.#isSound(operation, image);
    else if (!this.#wasFault()) this.#find(operation, `status ${status}`);
  }

  /** Sends a request until it is answered, so often, each time with the same Idempotency-Key. */
  #repeat(
    times: number,
    target: string,
    { key, body, type = 'image/png' }: { key: string; body: Buffer; type?: string },
  ) {
    const headers = { 'content-type': type, 'idempotency-key': key.replaceAll(' ', '-') };
    return Promise.all(
      Array.from({ length: times }, async () => {
        for (let tries = 0; ; tries += 1) {
          const answer = await this.#once('POST', target, headers, body);
          const isOpen = answer.status >= 500 || answer.status === 409;
          if (!isOpen || tries === MOST_TRIES) return answer;
          await this.#machine.time.wait(AGAIN_MS);
        }
      }),
    );
  }

  async #once(
    method: string,
    url: string,
    headers: Record<string, string> = {},
    body: Uint8Array = new Uint8Array(),
  ): Promise<Answer> {
    const rawHeaders = Object.entries({ host: 'api.example.com', ...headers }).flat();
    const event = toHttpEvent(
      { method, url, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 },
      body,
      new Date(),
    );
    try {
      const answered = (await this.#api.invoke(event)) as APIGatewayProxyStructuredResultV2;
      const answer = { status: answered.statusCode ?? 0, headers: answered.headers ?? {}, body: answered.body ?? '' };
      this.#machine.count(`answers with ${answer.status}`);
      return answer;
    } catch {
      return BROKEN;
    }
  }

  #isSound(operation: Operation, { key, state, predictions }: z.output<typeof imageSchema>): void {
    if (state === 'tagged') this.#isAbout(operation, predictions, [...(this.#bucket.words.get(key) ?? [])]);
    else if (predictions.length > 0) this.#find(operation, `${key} is ${state} and has predictions`);
  }

  /** An answer must be about one of these pictures. */
  #isAbout(
    operation: Operation,
    predictions: readonly z.output<typeof predictionSchema>[],
    words: readonly string[],
  ): void {
    const told = JSON.stringify(predictions.map(({ label, probability }) => ({ label, probability })));
    const isKnown = words.some((one) =>
      [MODEL_NAME, HEAVY_NAME].some((model) => JSON.stringify(predictionsOf(one, model)) === told),
    );
    if (!isKnown) this.#find(operation, `the answer ${predictions[0]?.label} is about another image`);
  }

  #areSame(operation: Operation, answers: readonly Answer[]): void {
    if (new Set(answers.map(({ body }) => body)).size > 1)
      this.#find(operation, 'one request, sent twice, has two answers');
  }

  /**
   * A request that is tried for long gets another form once the first is good for a minute only.
   * Powertools counts whole seconds.
   */
  #areSameWhileKept(operation: Operation, answers: readonly Answer[]): void {
    const forms = [...new Set(answers.map(({ body }) => body))].map((body) => formSchema.parse(JSON.parse(body)));
    const times = forms.map(({ expiresAt }) => Date.parse(expiresAt)).sort((one, other) => one - other);
    const isEarly = (time: number, place: number) => time - (times[place - 1] ?? 0) < (FORM_KEPT_SECONDS - 1) * 1000;
    if (times.some(isEarly)) this.#find(operation, 'one request, sent twice, has two forms');
  }

  /** Whether the API may fail now. */
  #wasFault(): boolean {
    return this.#machine.areFaultsOn || this.#machine.time.elapsed < this.#machine.faultsEndAt + GRACE_MS;
  }

  #find({ id, kind }: Operation, what: string): void {
    this.#machine.findings.add(`operation ${id} (${kind}): ${what}`);
  }
}

/** What began before the faults ended may fail a little later. */
const GRACE_MS = 60_000;

function isOurFault(words: string): boolean {
  return words.startsWith('broken') || words.startsWith('crash');
}

function idOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}
