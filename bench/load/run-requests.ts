import { Agent, request } from 'node:http';
import * as z from 'zod';
import { mulberry32 } from '../../classifier/mulberry32.ts';
import type { LoadPicture } from './pictures.ts';
import type { Recorder } from './recorder.ts';

export interface RequestsOptions {
  /** Address of the API. */
  readonly url: string;
  readonly pictures: readonly LoadPicture[];
  readonly recorder: Pick<Recorder, 'onAnswer' | 'onError'>;
  /** Each sends its next request when it has the answer to the one before. */
  readonly clients: number;
  readonly seconds: number;
}

const SEED = 20261128;
/** One request in so many reads; the others classify a picture. */
const READ_EVERY = 4;

/** What is read, in turns. The answers are JSON. */
const READS = ['/health', '/models', '/labels', '/images?order=newest&limit=20'];

const answerSchema = z.object({ predictions: z.array(z.object({ label: z.string() })).min(1) });

/**
 * Sends requests until the time is over. Errors are answers without status 200, broken connections,
 * and other predictions than the model's own.
 */
export async function runRequests({ url, pictures, recorder, clients, seconds }: RequestsOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const random = mulberry32(SEED);
  const deadline = performance.now() + seconds * 1000;
  let turn = 0;

  async function client(): Promise<void> {
    while (performance.now() < deadline) {
      turn += 1;
      const start = performance.now();
      const error =
        turn % READ_EVERY === 0
          ? await read(`${url}${READS[(turn / READ_EVERY) % READS.length]}`, agent)
          : await classify(url, pictures[random() % pictures.length], agent);
      if (error === null) recorder.onAnswer(performance.now() - start);
      else recorder.onError(error);
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
}

async function read(url: string, agent: Agent): Promise<string | null> {
  const { status, text } = await send(url, 'GET', null, agent);
  if (status !== 200) return `${new URL(url).pathname}: ${status}`;
  JSON.parse(text);
  return null;
}

async function classify(url: string, picture: LoadPicture | undefined, agent: Agent): Promise<string | null> {
  if (picture === undefined) throw new TypeError('there are no pictures');
  const { status, text } = await send(`${url}/classify`, 'POST', picture.jpeg, agent);
  if (status !== 200) return `/classify: ${status}`;
  const label = answerSchema.parse(JSON.parse(text)).predictions[0]?.label;
  return label === picture.label ? null : 'another answer than the model gives';
}

/** @returns the error instead of a status when there is no answer */
function send(
  url: string,
  method: string,
  body: Buffer | null,
  agent: Agent,
): Promise<{ status: number | string; text: string }> {
  return new Promise((resolve) => {
    const headers = body === null ? {} : { 'content-type': 'image/jpeg', 'content-length': body.length };
    const outgoing = request(url, { method, agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', (error) => resolve({ status: error.message, text: '' }));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', (error) => resolve({ status: error.message, text: '' }));
    outgoing.end(body);
  });
}
