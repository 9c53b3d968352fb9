import type { Retrier, State, TaskState } from './definition-schema.ts';
import { type Context, evaluate } from './evaluate.ts';
import type { StateServices } from './services.ts';
import { StateError, Stopped } from './state-error.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_PAYLOAD_BYTES = 262_144;

/** A state, and the input with which it is entered. */
export interface Entered {
  readonly name: string;
  readonly input: unknown;
}

/** A state that ends the execution. */
export type LastState = Exclude<State, TaskState | { Type: 'Choice' | 'Pass' }>;

export interface Running {
  readonly states: Readonly<Record<string, State>>;
  readonly context: Context;
  readonly services: StateServices;
  /** Called with each state that is entered. A redriven execution goes on from the last one. */
  readonly onEntered: (entered: Entered) => void;
  /** @returns the output of the last state */
  readonly runLast: (state: LastState, input: unknown) => Promise<unknown>;
}

/**
 * Runs states from one to the end.
 * @returns the output of the last state
 */
export async function runStates(from: Entered, running: Running): Promise<unknown> {
  const { states, context, services, onEntered, runLast } = running;
  let { name, input } = from;
  for (;;) {
    if (services.signal?.aborted) throw new Stopped(`stopped before ${name}`);
    onEntered({ name, input });
    limitSize(input);
    const state = states[name];
    if (state === undefined) throw new TypeError(`the definition has no state ${name}`);
    if (state.Type === 'Task') {
      ({ name, input } = await runTask(name, state, input, context, services));
    } else if (state.Type === 'Pass') {
      input = await evaluate(state.Output, { input, context });
      name = state.Next;
    } else if (state.Type === 'Choice') {
      name = await choose(state, input, context);
    } else {
      const output = await runLast(state, input);
      limitSize(output);
      return output;
    }
  }
}

async function choose(
  { Choices, Default }: Extract<State, { Type: 'Choice' }>,
  input: unknown,
  context: Context,
): Promise<string> {
  for (const { Condition, Next } of Choices) {
    if ((await evaluate(Condition, { input, context })) === true) return Next;
  }
  return Default;
}

async function runTask(
  name: string,
  { Arguments, Retry, Catch, Output, Next }: TaskState,
  input: unknown,
  context: Context,
  services: StateServices,
): Promise<Entered> {
  const used = new Map<Retrier, number>();
  for (let attempt = 0; ; attempt += 1) {
    const own = { ...context, State: { Name: name, RetryCount: attempt } };
    try {
      const { FunctionName, Payload } = (await evaluate(Arguments, { input, context: own })) as TaskState['Arguments'];
      limitSize(Payload);
      const answer = toJson(await services.invoke(FunctionName, toJson(Payload)));
      const result = { StatusCode: 200, Payload: answer };
      return { name: Next, input: await evaluate(Output, { input, context: own, result }) };
    } catch (error) {
      if (services.signal?.aborted) throw new Stopped(`stopped in ${name}`);
      const fault = toStateError(error);
      const retrier = Retry.find(({ ErrorEquals }) => matches(ErrorEquals, fault.error));
      const attempts = retrier === undefined ? 0 : (used.get(retrier) ?? 0);
      if (retrier === undefined || attempts >= retrier.MaxAttempts) {
        const catcher = Catch.find(({ ErrorEquals }) => matches(ErrorEquals, fault.error));
        if (catcher === undefined) throw fault;
        return { name: catcher.Next, input: await evaluate(catcher.Output, { input, context: own }) };
      }
      used.set(retrier, attempts + 1);
      const seconds = retrier.IntervalSeconds * retrier.BackoffRate ** attempts;
      await services.wait?.(Math.min(seconds, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY));
    }
  }
}

/** `States.ALL` stands for everything but what the input itself makes impossible. */
function matches(names: readonly string[], error: string): boolean {
  if (names.includes(error)) return true;
  return names.includes('States.ALL') && error !== 'States.DataLimitExceeded' && error !== 'States.Runtime';
}

function toStateError(error: unknown): StateError {
  if (error instanceof StateError) return error;
  if (!(error instanceof Error)) return new StateError('Error', String(error));
  return new StateError(error.name, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
}

function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function limitSize(value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value ?? null));
  if (bytes > MAX_PAYLOAD_BYTES) throw new StateError('States.DataLimitExceeded', `${bytes} bytes`);
}
