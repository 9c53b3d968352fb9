/** An error as Step Functions names it: what `ErrorEquals` compares, and its cause. */
export class StateError extends Error {
  constructor(
    readonly error: string,
    readonly causeText: string,
  ) {
    super(`${error}: ${causeText}`);
  }
}

/** The execution was stopped. */
export class Stopped extends Error {}

/** What became of an execution, or of the execution of a batch. */
export interface Ended {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly output: unknown;
  /** Name of the error; null: there was none. */
  readonly error: string | null;
  readonly cause: string | null;
}

/** Runs an execution. Anything but an error of a state is a fault of the driver, and is thrown. */
export async function toEnd(run: () => Promise<unknown>): Promise<Ended> {
  try {
    return { status: 'SUCCEEDED', output: await run(), error: null, cause: null };
  } catch (error) {
    if (error instanceof Stopped) return { status: 'ABORTED', output: null, error: null, cause: null };
    if (!(error instanceof StateError)) throw error;
    return { status: 'FAILED', output: null, error: error.error, cause: error.causeText };
  }
}
