import { createServer, type IncomingMessage } from 'node:http';
import { listen } from '../../../local/listen.ts';

/** What a run tells while it works. */
export interface RunningMap {
  /** Name of the execution. */
  readonly name: string;
  /** Aborted when the execution is stopped. */
  readonly stopped: AbortSignal;
  /** Items of the map. */
  counts: { total: number; succeeded: number; failed: number };
}

/** Does what the state machine would do. An error's name and message become those of the run. */
export type StateMachine = (input: unknown, map: RunningMap) => Promise<void>;

export interface FakeStepFunctions {
  readonly endpoint: string;
  /** Inputs of the executions, in the order in which they were started. */
  readonly inputs: unknown[];
  close(): void;
}

interface Execution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: string;
  readonly startDate: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stopDate?: number;
  error?: string;
  cause?: string;
}

interface Running {
  readonly execution: Execution;
  readonly map: RunningMap;
  readonly abort: () => void;
}

type Parameters = Readonly<Record<string, string>>;

/**
 * Speaks as much of Step Functions as `backfill` asks of it: executions have unique names, the
 * newest is listed first, and a second start with the same name and input returns the same one.
 */
export async function startStepFunctions(machine: StateMachine): Promise<FakeStepFunctions> {
  const runs: Running[] = [];
  const inputs: unknown[] = [];
  const operations: Record<string, (parameters: Parameters) => unknown> = {
    StartExecution({ stateMachineArn = '', name = '', input = '' }) {
      const same = runs.find(({ execution }) => execution.name === name);
      if (same !== undefined) {
        const isSame = same.execution.status === 'RUNNING' && same.execution.input === input;
        if (!isSame) throw refusal('ExecutionAlreadyExists', `Execution Already Exists: '${name}'`);
        return same.execution;
      }
      inputs.push(JSON.parse(input));
      const run = begin({ stateMachineArn, name, input }, machine);
      runs.unshift(run);
      return run.execution;
    },
    DescribeExecution: ({ executionArn }) => found(executionArn).execution,
    ListExecutions: ({ statusFilter }) => ({
      executions: runs
        .map(({ execution }) => execution)
        .filter(({ status }) => statusFilter === undefined || status === statusFilter),
    }),
    StopExecution({ executionArn }) {
      const { execution, abort } = found(executionArn);
      end(execution, 'ABORTED');
      abort();
      return { stopDate: execution.stopDate };
    },
    ListMapRuns: ({ executionArn }) => ({ mapRuns: [{ executionArn, mapRunArn: executionArn }] }),
    DescribeMapRun: ({ mapRunArn }) => ({ mapRunArn, itemCounts: found(mapRunArn).map.counts }),
  };
  const found = (arn: string | undefined): Running => {
    const run = runs.find(({ execution }) => execution.executionArn === arn);
    if (run === undefined) throw refusal('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return run;
  };
  const server = createServer(async (request, response) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    try {
      const answer = operations[operation]?.(JSON.parse(await readBody(request)));
      if (answer === undefined) throw refusal('UnknownOperationException', operation);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    } catch (error) {
      const { name, message } = error as Error;
      response.writeHead(400).end(JSON.stringify({ __type: name, message }));
    }
  });
  const port = await listen(server, 0);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    inputs,
    close() {
      for (const { abort } of runs) abort();
      server.close();
      server.closeAllConnections();
    },
  };
}

function begin(
  { stateMachineArn, name, input }: Pick<Execution, 'stateMachineArn' | 'name' | 'input'>,
  machine: StateMachine,
): Running {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const execution: Execution = { executionArn, stateMachineArn, name, input, startDate: seconds(), status: 'RUNNING' };
  const stopping = new AbortController();
  const map: RunningMap = { name, stopped: stopping.signal, counts: { total: 0, succeeded: 0, failed: 0 } };
  machine(JSON.parse(input), map).then(
    () => end(execution, 'SUCCEEDED'),
    ({ name: error, message: cause }: Error) => end(execution, 'FAILED', { error, cause }),
  );
  return { execution, map, abort: () => stopping.abort() };
}

function end(execution: Execution, status: Execution['status'], why: { error?: string; cause?: string } = {}): void {
  if (execution.status === 'RUNNING') Object.assign(execution, { status, stopDate: seconds(), ...why });
}

function seconds(): number {
  return Date.now() / 1000;
}

function refusal(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
