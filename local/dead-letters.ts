import { FUNCTION_TIMEOUT_SECONDS } from '../functions/dead-letters/queue.ts';
import type { EnvironmentName } from '../functions/environment.ts';
import type { Closers } from './closers.ts';
import { startEventSource } from './event-source.ts';
import type { FunctionInstance } from './function-host.ts';
import { type FunctionReport, readFunctionLine, toFault } from './function-log.ts';
import { openPool } from './instance-pool.ts';
import { startLambda } from './lambda.ts';
import { startWithFirstEvent } from './lazy-instance.ts';
import type { Messaging } from './messaging.ts';
import { moduleUrl } from './module-url.ts';
import { DEAD_LETTERS_FUNCTION, queueArn, TAG_UPLOAD_FUNCTION, UPLOADS_DEAD_LETTERS, UPLOADS_PARKED } from './names.ts';

export interface DeadLettersOptions {
  readonly messaging: Messaging;
  /** The instances that tag uploads. Each dead letter is handed to one of them, alone. */
  readonly tagging: readonly Pick<FunctionInstance, 'invoke'>[];
  /** The environment variables that all functions see. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onReport: (report: FunctionReport) => void;
  /** Seconds until a dead letter that could not be handled is delivered again. Default 2. */
  readonly retryDelaySeconds?: number;
}

/** Starts the function that handles the dead letters of uploads, and the Lambda that it calls. */
export async function startDeadLetters(
  { messaging, tagging, environment, onReport, retryDelaySeconds }: DeadLettersOptions,
  closers: Closers,
): Promise<{ readonly lambdaEndpoint: string }> {
  const lambda = await startLambda();
  closers.push(lambda.close);
  lambda.register(TAG_UPLOAD_FUNCTION, openPool(tagging));
  const { sqs, queueUrls } = messaging;
  const instance = startWithFirstEvent({
    name: DEAD_LETTERS_FUNCTION,
    handler: moduleUrl('../functions/dead-letters/handler'),
    environment: {
      ...environment,
      ...({
        AUTOSWIFTNET_TAGGING_FUNCTION: TAG_UPLOAD_FUNCTION,
        AUTOSWIFTNET_PARKED_QUEUE_URL: queueUrls[UPLOADS_PARKED] ?? '',
      } satisfies Partial<Record<EnvironmentName, string>>),
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
    },
    timeoutMs: FUNCTION_TIMEOUT_SECONDS * 1000,
    onLine(line) {
      const report = readFunctionLine(line);
      if (report !== null) onReport(report);
    },
  });
  const source = startEventSource({
    sqs,
    queueUrl: queueUrls[UPLOADS_DEAD_LETTERS] ?? '',
    queueArn: queueArn(UPLOADS_DEAD_LETTERS),
    instances: [instance],
    batchSize: 1,
    ...(retryDelaySeconds === undefined ? {} : { retryDelaySeconds }),
    onError: (error) => onReport(toFault(error)),
  });
  // What is in progress is lost, as are all queues. The next start finds the image without a final
  // record.
  closers.push(async () => {
    await Promise.all([source.stop(), instance.close(0)]);
  });
  return { lambdaEndpoint: lambda.endpoint };
}
