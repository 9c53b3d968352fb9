import type { S3Client } from '@aws-sdk/client-s3';

/** What the driver calls instead of AWS. */
export interface StateServices {
  readonly s3: S3Client;
  /**
   * Calls the function. An error that it throws has its name as the name of the error; what happens
   * to its process is called `Lambda.Unknown`, as by Lambda.
   */
  readonly invoke: (functionName: string, payload: unknown) => Promise<unknown>;
  /** Waits before another attempt. Default: not at all. */
  readonly wait?: (seconds: number) => Promise<void>;
  /** Stops the execution, as StopExecution does. Calls that are under way are not ended. */
  readonly signal?: AbortSignal;
}
