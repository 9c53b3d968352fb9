import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '../../functions/s3-client.ts';
import { MAX_TASKS_AT_ONCE } from '../../functions/side-by-side/runner.ts';
import { chooseModel } from '../choose-model.ts';
import type { LeftOut } from '../find-images.ts';
import { InvalidLineError } from '../json-lines/errors.ts';
import { parseAnswer } from '../json-lines/parse-answer.ts';
import { NameSet, openResumable, type ResumableFile } from '../json-lines/resumable-file.ts';
import { oneLine } from '../report-error.ts';
import { readSettings } from '../settings.ts';
import { eachAtOnce } from './each-at-once.ts';
import { findItems } from './find-items.ts';
import { lookFirst } from './look-first.ts';
import { Tally } from './tally.ts';
import { startWorkers, type Workers } from './workers.ts';

export interface ClassifyAllOptions {
  readonly model?: string | undefined;
  readonly top: number;
  /** The file that the lines are appended to. */
  readonly output: string;
  /** How many processes classify. Default: one for each core. */
  readonly processes?: number | undefined;
}

interface Run {
  readonly places: readonly string[];
  readonly client: () => S3Client;
  readonly workers: Workers;
  /** How many images are under way: a worker computes one while it reads others. */
  readonly atOnce: number;
  readonly file: ResumableFile;
  /** The images that have a line, or are under way. */
  readonly done: NameSet;
}

/**
 * Classifies all images of files, folders and buckets, in a process for each core, and appends one
 * line of JSON for each to a file. Images that have a line there are left out, so a run that was
 * stopped goes on where it was.
 */
export async function runClassifyAll(places: readonly string[], options: ClassifyAllOptions): Promise<void> {
  const settings = readSettings();
  let client: S3Client | undefined;
  const openClient = (): S3Client => {
    client ??= createS3Client(process.env);
    return client;
  };
  const nothing = await lookFirst(places, openClient);
  if (nothing !== null) return say(nothing);
  const requestedModel = options.model ?? settings.model;
  const packageDir = await chooseModel({ ...settings, requestedModel, say });
  // A package is named as its folder.
  const { file, done } = await openOutput(options.output, basename(packageDir));
  if (done.size > 0) say(`${oneLine(options.output)} has lines for ${done.size} images, which are left out`);
  process.once('SIGINT', () => say('\nstopped; the same command goes on where it was'));
  const processes = options.processes ?? availableParallelism();
  const workers = startWorkers(processes, { packageDir, top: options.top });
  try {
    await workers.ready;
    say(await classifyAll({ places, client: openClient, workers, atOnce: processes * MAX_TASKS_AT_ONCE, file, done }));
  } finally {
    await workers.close();
    await file.close();
  }
}

/**
 * Opens the output and reads which images it has.
 * @throws {InvalidLineError} when it has something else, or answers of another model
 */
async function openOutput(path: string, model: string): Promise<Pick<Run, 'file' | 'done'>> {
  const done = new NameSet();
  const file = await openResumable(path, '{"file":"', (line) => {
    const answer = parseAnswer(line, path);
    if ('model' in answer && answer.model !== model) {
      throw new InvalidLineError(
        path,
        line.number,
        `the answer is by the model ${answer.model}, and this run is by ${model}. Choose another file for the output.`,
      );
    }
    done.add(answer.uri);
  });
  return { file, done };
}

/** Returns what it did, in words. */
async function classifyAll({ places, client, workers, atOnce, file, done }: Run): Promise<string> {
  const counting = startCounting(places, client);
  const tally = new Tally(() => counting.total);
  const leftOut = nothingLeftOut();
  try {
    await eachAtOnce(findItems(places, client, leftOut), atOnce, async (found) => {
      if ('error' in found) return tally.fail(found.uri, found.error.message);
      const { item } = found;
      if (!done.add(item.uri)) return tally.skip();
      const outcome = await workers.classify(item);
      if (outcome.kind !== 'unread') await file.append(outcome.line);
      tally.add(item.uri, outcome);
    });
    return tally.summary(leftOut);
  } finally {
    counting.stop();
    tally.stop();
  }
}

/** Counts the images beside the work: only then it is known how much is left. */
function startCounting(places: readonly string[], client: () => S3Client): { total: number | null; stop(): void } {
  const counting = { total: null as number | null, isStopped: false, stop: () => {} };
  counting.stop = () => {
    counting.isStopped = true;
  };
  const count = async (): Promise<void> => {
    let total = 0;
    for await (const _ of findItems(places, client, nothingLeftOut())) {
      if (counting.isStopped) return;
      total += 1;
    }
    counting.total = total;
  };
  // The work itself meets the same failure, and reports it.
  count().catch(() => {});
  return counting;
}

function nothingLeftOut(): LeftOut {
  return { filesByEnding: new Map(), linksToFolders: 0 };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
