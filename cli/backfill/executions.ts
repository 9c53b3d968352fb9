import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  DescribeMapRunCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  ListMapRunsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { RunRequest } from '../../functions/backfill/run-request.ts';
import { callingServices } from '../deployment/service-error.ts';
import { BackfillStartError } from './errors.ts';
import type { Backfill } from './open-backfill.ts';

/** A run of the backfill, as Step Functions has it. */
export interface Execution {
  readonly arn: string;
  /** The id of the run. */
  readonly name: string;
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED` or `PENDING_REDRIVE`. */
  readonly status: string;
  readonly startedAt: Date;
  /** Null while it runs. */
  readonly stoppedAt: Date | null;
  /** Why it failed: the name of an error and its cause. Null: it did not, or nothing is said. */
  readonly failure: string | null;
}

/** How a run ends that gave up batches. One that was stopped did not: its calls finish. */
export const GIVEN_UP: readonly string[] = ['FAILED', 'TIMED_OUT'];

/** How many items Step Functions has given out. */
export interface MapCounts {
  /** All of which it knows; grows while it lists. */
  readonly total: number;
  /** Those whose batch has ended. */
  readonly ended: number;
}

type Place = Pick<Backfill, 'sfn' | 'stateMachineArn'>;

/** Finds the run that is under way; null: there is none. */
export async function findRunning(place: Place): Promise<Execution | null> {
  return newestOf(place, 'RUNNING');
}

/** Finds the run that was started last, whatever became of it; null: there was none. */
export async function findNewest(place: Place): Promise<Execution | null> {
  return newestOf(place, undefined);
}

/** Finds a run by its name; null: there was none in the last 90 days. */
export async function findNamed(place: Place, name: string): Promise<Execution | null> {
  try {
    return await describe(place, `${place.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`);
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return null;
    throw error;
  }
}

export async function describe({ sfn }: Place, executionArn: string): Promise<Execution> {
  return toExecution(
    await callingServicesExcept(ExecutionDoesNotExist, ['states:DescribeExecution'], () =>
      sfn.send(new DescribeExecutionCommand({ executionArn })),
    ),
  );
}

/**
 * Starts a run. With the name and the request of a run that is under way it starts none, and
 * returns that one.
 * @throws {BackfillStartError} when the name was used in the last 90 days
 */
export async function start(place: Place, name: string, request: RunRequest): Promise<Execution> {
  const { sfn, stateMachineArn } = place;
  try {
    const { executionArn = '' } = await callingServicesExcept(ExecutionAlreadyExists, ['states:StartExecution'], () =>
      sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(request) })),
    );
    return await describe(place, executionArn);
  } catch (cause) {
    if (!(cause instanceof ExecutionAlreadyExists)) throw cause;
    throw new BackfillStartError(
      `a backfill named ${name} was started before, with another request or to its end. Give another --name, or none.`,
      cause,
    );
  }
}

export async function stop({ sfn }: Place, executionArn: string): Promise<void> {
  await callingServices(['states:StopExecution'], () =>
    sfn.send(new StopExecutionCommand({ executionArn, cause: 'autoswiftnet backfill stop' })),
  );
}

/** Returns null before the map has begun. */
export async function readMapCounts({ sfn }: Place, executionArn: string): Promise<MapCounts | null> {
  return callingServices(['states:ListMapRuns', 'states:DescribeMapRun'], async () => {
    const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
    const mapRunArn = mapRuns[0]?.mapRunArn;
    if (mapRunArn === undefined) return null;
    const { itemCounts } = await sfn.send(new DescribeMapRunCommand({ mapRunArn }));
    const { total = 0, succeeded = 0, failed = 0 } = itemCounts ?? {};
    return { total, ended: succeeded + failed };
  });
}

async function newestOf(place: Place, statusFilter: 'RUNNING' | undefined): Promise<Execution | null> {
  const { sfn, stateMachineArn } = place;
  const { executions = [] } = await callingServices(['states:ListExecutions'], () =>
    sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1, ...(statusFilter && { statusFilter }) })),
  );
  const arn = executions[0]?.executionArn;
  return arn === undefined ? null : describe(place, arn);
}

function toExecution(output: DescribeExecutionCommandOutput): Execution {
  const { executionArn = '', name = '', status = '', startDate, stopDate, error, cause } = output;
  return {
    arn: executionArn,
    name,
    status,
    startedAt: startDate ?? new Date(),
    stoppedAt: stopDate ?? null,
    failure: error === undefined && cause === undefined ? null : [error, cause].filter(Boolean).join(': '),
  };
}

/** Runs something that calls services; one kind of error is the caller's matter. */
async function callingServicesExcept<Result>(
  expected: abstract new (...values: never[]) => Error,
  actions: readonly string[],
  run: () => Promise<Result>,
): Promise<Result> {
  let own: Error | undefined;
  const result = await callingServices(actions, () =>
    run().catch((error: unknown) => {
      if (!(error instanceof expected)) throw error;
      own = error;
      return null;
    }),
  );
  if (result === null) throw own;
  return result;
}
