import { ConfigurationError } from '../../functions/errors.ts';

interface Batches {
  readonly tagBatchSize: number;
  readonly tagBatchWindowSeconds: number;
}

interface Instances {
  readonly apiConcurrency?: number | undefined;
  readonly apiProvisionedConcurrency: number;
}

interface Login {
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: readonly string[] | undefined;
}

interface Budget {
  readonly budgetTag?: string | undefined;
  readonly monthlyBudgetUsd?: number | undefined;
}

/** SQS hands over at most so many messages at a time; Lambda collects more by waiting. */
const MAX_BATCH_WITHOUT_WINDOW = 10;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export function requireBatchWindow({ tagBatchSize, tagBatchWindowSeconds }: Batches): void {
  if (tagBatchSize > MAX_BATCH_WITHOUT_WINDOW && tagBatchWindowSeconds < 1) {
    throw new ConfigurationError(
      `tagBatchSize is ${tagBatchSize}, and AWS allows more than ${MAX_BATCH_WITHOUT_WINDOW} only with a batching window. Set tagBatchWindowSeconds to at least 1, or tagBatchSize to at most ${MAX_BATCH_WITHOUT_WINDOW}.`,
    );
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html */
export function requireReserved({ apiConcurrency, apiProvisionedConcurrency }: Instances): void {
  if (apiConcurrency !== undefined && apiProvisionedConcurrency > apiConcurrency) {
    throw new ConfigurationError(
      `apiProvisionedConcurrency is ${apiProvisionedConcurrency}, but apiConcurrency lets only ${apiConcurrency} instances of the API function run. Set apiProvisionedConcurrency to at most ${apiConcurrency}, or raise or remove apiConcurrency.`,
    );
  }
}

/** A login needs an issuer, and an audience for which its tokens are. */
export function requireWholeLogin({ jwtIssuer, jwtAudience }: Login): void {
  if ((jwtIssuer === undefined) !== (jwtAudience === undefined)) {
    throw new ConfigurationError('jwtIssuer and jwtAudience belong together. Set both, or neither to use IAM.');
  }
}

/** Only a bucket that is created has rules of its own for replaced versions. */
export function requireOwnBucket(bucket: string | undefined, noncurrentDays: number | undefined): void {
  if (bucket !== undefined && noncurrentDays !== undefined) {
    throw new ConfigurationError(
      `noncurrentDays applies only to a bucket that this stack creates, but bucket names the existing bucket ${bucket}. Remove noncurrentDays, or remove bucket.`,
    );
  }
}

/** A budget of a tag needs an amount. */
export function requireBudget({ budgetTag, monthlyBudgetUsd }: Budget): void {
  if (budgetTag !== undefined && monthlyBudgetUsd === undefined) {
    throw new ConfigurationError(
      'budgetTag says which costs the budget counts. Set monthlyBudgetUsd too, or remove budgetTag.',
    );
  }
}
