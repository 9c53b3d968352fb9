import type * as Wire from '../../functions/wire.ts';
import { ApiError } from '../api/api-error.ts';
import type { Api, ClassifyOptions } from '../api/client.ts';
import { explain, explainOutcome } from '../api/explain.ts';
import { poll } from '../api/poll.ts';
import { sendForm } from '../api/send-form.ts';
import { formatBytes } from '../format.ts';
import { PICTURE_TYPES, typeOf } from './media-type.ts';
import type { Findings, SecondLook, Step } from './picture.ts';

export type Limits = Wire.Health['limits'];

export interface Sending {
  readonly api: Api;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly report: (step: Step) => void;
}

/** The answer, and the key of the picture if it was uploaded to the bucket. */
export interface Sent {
  readonly answer: Wire.Classification | Wire.Job;
  readonly storedAs: string | null;
}

/** Limits to use until the service has sent its own. */
export const ASSUMED_LIMITS: Limits = {
  requestBytes: 4_400_000,
  uploadBytes: 50_000_000,
  contentTypes: PICTURE_TYPES,
};

/**
 * A heavy model's job goes on while the network is away. So many failures in a row take at least
 * four minutes, because the pauses grow to ten seconds.
 */
const MAX_JOB_FAILURES = 30;

/**
 * Classifies a picture. A picture that is too large for a request is uploaded to the bucket first,
 * and then classified by its key.
 * @throws {ApiError} or the reason of the signal
 */
export async function sendPicture(file: File, options: ClassifyOptions, sending: Sending): Promise<Sent> {
  try {
    return await send(file, options, sending);
  } catch (error) {
    // A request whose file cannot be read fails like one without a network.
    if (error instanceof ApiError && error.status === 0 && !(await isReadable(file))) {
      throw new ApiError(`The browser cannot read the file ${file.name} any more.`, {
        status: 0,
        code: 'unreadable-file',
        cause: error,
      });
    }
    throw error;
  }
}

async function isReadable(file: File): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}

async function send(file: File, options: ClassifyOptions, sending: Sending): Promise<Sent> {
  const { api, limits, signal, report } = sending;
  if (file.size <= limits.requestBytes) {
    report({ kind: 'sending' });
    return { answer: await api.classify(file, options, signal), storedAs: null };
  }
  const upload = await api.createUpload(uploadType(file, limits), signal);
  report({ kind: 'uploading', part: 0 });
  await sendForm(upload, file, signal, (part) => report({ kind: 'uploading', part }));
  report({ kind: 'sending' });
  return { answer: await api.classify({ key: upload.key }, options, signal), storedAs: upload.key };
}

/** @throws {ApiError} when the bucket does not accept such a file */
function uploadType(file: File, { uploadBytes, contentTypes }: Limits): string {
  const { size } = file;
  if (size > uploadBytes) {
    throw new ApiError(`The file has ${formatBytes(size)}. The limit is ${formatBytes(uploadBytes)}.`, {
      status: 413,
      code: 'image-too-large',
    });
  }
  const wanted = typeOf(file) ?? (file.type || 'unknown');
  if (contentTypes.includes(wanted)) return wanted;
  throw new ApiError(`The file type is ${wanted}. Supported types are ${contentTypes.join(', ')}.`, {
    status: 415,
    code: 'unsupported-format',
  });
}

/**
 * Reports steps until nothing more can come: an answer at once, the later answer of a heavy model,
 * or both. An answer that is there stays, whatever becomes of the second look.
 * @throws {ApiError} if there is no answer, or the reason of the signal
 */
export async function followAnswer({ answer, storedAs }: Sent, { api, signal, report }: Sending): Promise<void> {
  if ('state' in answer) {
    const onSeen = (job: Wire.Job) => report(working(job));
    report(outcomeOf(await followJob({ api, signal, id: answer.id, known: answer, onSeen }), storedAs));
    return;
  }
  const findings = toFindings(answer, { answer, storedAs }, answer.timings.total);
  const done = (secondLook: SecondLook | null): Step => ({ kind: 'done', findings, secondLook });
  if (answer.escalated === null) return report(done(null));
  const { model, jobId } = answer.escalated;
  report(done({ kind: 'working', model }));
  const outcome = await followJob({ api, signal, id: jobId }).then(
    (job) => outcomeOf(job, storedAs),
    (error: unknown): Outcome => {
      signal.throwIfAborted();
      return { kind: 'failed', explanation: explain(error) };
    },
  );
  if (outcome.kind === 'done') report(done({ kind: 'done', findings: outcome.findings }));
  else report(done({ kind: 'failed', model, explanation: outcome.explanation }));
}

interface Following {
  readonly api: Api;
  readonly signal: AbortSignal;
  readonly id: string;
  /** The job, if it has been sent already. */
  readonly known?: Wire.Job;
  readonly onSeen?: (job: Wire.Job) => void;
}

function followJob({ api, signal, id, known, onSeen }: Following): Promise<Wire.Job> {
  let next = known;
  const ask = async () => {
    const job = next ?? (await api.job(id, signal));
    next = undefined;
    onSeen?.(job);
    return job;
  };
  const isFinal = ({ state }: Wire.Job) => state !== 'queued' && state !== 'running';
  return poll(ask, isFinal, signal, { maxFailures: MAX_JOB_FAILURES });
}

/** What a job has come to. */
type Outcome = Extract<Step, { kind: 'done' | 'failed' }>;

function working({ model, state }: Wire.Job): Step {
  return { kind: 'working', model, isRunning: state === 'running' };
}

function outcomeOf(job: Wire.Job, storedAs: string | null): Outcome {
  const { state, result, reason } = job;
  if (state === 'done' && result !== null) {
    return { kind: 'done', findings: toFindings(result, { answer: job, storedAs }, null), secondLook: null };
  }
  return { kind: 'failed', explanation: explainOutcome(state === 'rejected' ? state : 'failed', reason) };
}

function toFindings(
  { model, predictions, concept, image, explanation }: NonNullable<Wire.Job['result']>,
  sent: Sent,
  totalMs: number | null,
): Findings {
  return { model, predictions, concept, image, map: explanation, totalMs, ...sent };
}
