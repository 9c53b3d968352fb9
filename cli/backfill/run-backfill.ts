import type { RunRequest } from '../../functions/backfill/run-request.ts';
import { confirm } from './confirm.ts';
import { CountsReader } from './counts-reader.ts';
import { BackfillStartError } from './errors.ts';
import { describe, type Execution, findNamed, findNewest, findRunning, GIVEN_UP, start, stop } from './executions.ts';
import { makeEstimate } from './make-estimate.ts';
import { type Backfill, openBackfill, type StackOptions } from './open-backfill.ts';
import { type FunctionFacts, readFunction } from './read-function.ts';
import { type RunOptions, toRunRequest } from './run-options.ts';
import { readStatus } from './run-status.ts';
import { statusText } from './status-text.ts';
import { watch } from './watch.ts';

export interface StartOptions extends RunOptions {
  /** Do not ask. */
  readonly yes?: true;
  /** Name of the run. Default: the time. */
  readonly name?: string;
  /** False: leave as soon as it has started. */
  readonly watch: boolean;
}

export interface StatusOptions extends StackOptions {
  /** Default: the run under way, or else the last one. */
  readonly name?: string;
}

/** Says how many objects a run would find, what it would cost, and how long it would take. */
export async function runEstimate(options: RunOptions): Promise<void> {
  const request = toRunRequest(options);
  await withBackfill(options, async (backfill, facts) => {
    say((await makeEstimate(backfill, request, facts)).text);
  });
}

/** Says what a run costs, asks, starts it, and shows its progress until it ends. */
export async function runStart(options: StartOptions): Promise<void> {
  const request = toRunRequest(options);
  await withBackfill(options, async (backfill, facts) => {
    const running = await findRunning(backfill);
    if (running !== null) return await join(backfill, running, facts, options);
    const { count, text } = await makeEstimate(backfill, request, facts);
    say(text);
    if (!options.yes && !(await confirm('Start it?'))) return say('nothing was started\n');
    const last = await findNewest(backfill);
    const execution = await start(
      backfill,
      options.name ?? nameOf(new Date()),
      await repairing(request, last, backfill),
    );
    await follow(backfill, execution, facts, options, count.objects);
  });
}

/** Says how far a run is, or what became of it. */
export async function runStatus(options: StatusOptions): Promise<void> {
  await withBackfill(options, async (backfill, facts) => {
    const { name } = options;
    const execution = await (name === undefined ? findNewest(backfill) : findNamed(backfill, name));
    if (execution === null) {
      say(
        `${backfill.deployment.name}: there was no backfill${name === undefined ? '' : ` named ${name}`} in 90 days\n`,
      );
      process.exitCode = name === undefined ? 0 : 1;
      return;
    }
    await tell(backfill, execution, facts);
  });
}

/** Stops the run that is under way. */
export async function runStop(options: StackOptions): Promise<void> {
  await withBackfill(options, async (backfill, facts) => {
    const running = await findRunning(backfill);
    if (running === null) return say(`${backfill.deployment.name}: no backfill is under way\n`);
    await stop(backfill, running.arn);
    await tell(backfill, await describe(backfill, running.arn), facts);
    say('Calls that are under way finish. What is tagged stays; another start goes on with the rest.\n');
  });
}

/**
 * Follows a run that is under way, if it was asked for by its name.
 * @throws {BackfillStartError} otherwise
 */
async function join(
  backfill: Backfill,
  running: Execution,
  facts: FunctionFacts,
  options: StartOptions,
): Promise<void> {
  if (options.name !== running.name) {
    throw new BackfillStartError(
      `the backfill ${running.name} of ${backfill.deployment.name} is under way since ${running.startedAt.toISOString()}. Follow it with --name ${running.name}, or stop it: npx autoswiftnet backfill stop${backfill.option}`,
    );
  }
  say(`the backfill ${running.name} is under way already\n`);
  await follow(backfill, running, facts, options, 0);
}

async function follow(
  backfill: Backfill,
  execution: Execution,
  facts: FunctionFacts,
  options: StartOptions,
  expected: number,
): Promise<void> {
  const { option } = backfill;
  say(
    `${execution.name} runs on AWS, also without this command. See npx autoswiftnet backfill status${option}, and backfill stop${option}\n`,
  );
  if (!options.watch) return;
  const { counts, execution: ended, ...status } = await watch(backfill, execution, facts, expected);
  say(statusText(backfill, { ...status, counts, execution: ended }));
  if (ended.status !== 'SUCCEEDED' || counts.items.failed > 0) process.exitCode = 1;
}

async function tell(backfill: Backfill, execution: Execution, facts: FunctionFacts): Promise<void> {
  const status = await readStatus(backfill, execution.arn, facts, new CountsReader(backfill, execution.name));
  say(statusText(backfill, status));
}

async function withBackfill(
  options: StackOptions,
  use: (backfill: Backfill, facts: FunctionFacts) => Promise<void>,
): Promise<void> {
  const backfill = await openBackfill(options);
  try {
    await use(backfill, await readFunction(backfill));
  } finally {
    backfill.close();
  }
}

/**
 * Has the tags checked of what has its answer already, if the last run failed, or some of its
 * objects did: an attempt that was given up may have ended between an answer and its tags.
 */
async function repairing(request: RunRequest, last: Execution | null, backfill: Backfill): Promise<RunRequest> {
  if (last === null) return request;
  const isRepair = GIVEN_UP.includes(last.status) || (await hasFailures(backfill, last));
  return isRepair ? { ...request, repair: true } : request;
}

async function hasFailures(backfill: Backfill, { name }: Execution): Promise<boolean> {
  const { items } = await new CountsReader(backfill, name).refresh();
  return items.failed > 0;
}

/** @example nameOf(new Date(0)) // '19700101T000000Z' */
function nameOf(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

function say(text: string): void {
  process.stdout.write(text);
}
