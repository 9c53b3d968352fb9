import type { AwsStack } from '../deployment/deployment.ts';
import type { Check } from './check.ts';
import { apiHealth } from './checks/api-health.ts';
import { bucketEvents } from './checks/bucket-events.ts';
import { classify } from './checks/classify.ts';
import { deadLetters } from './checks/dead-letters.ts';
import { heavyModel } from './checks/heavy-model.ts';
import { newest } from './checks/newest.ts';
import { record } from './checks/record.ts';
import { result } from './checks/result.ts';
import { resultsTopic } from './checks/results-topic.ts';
import { search } from './checks/search.ts';
import { tags } from './checks/tags.ts';
import { upload } from './checks/upload.ts';
import { workQueues } from './checks/work-queues.ts';

/** Looks at what is there. */
const PARTS: readonly Check[] = [apiHealth, bucketEvents, workQueues];

/** Sends a picture through the product. */
const TRIAL: readonly Check[] = [classify, resultsTopic, upload, record, tags, search, newest, result, heavyModel];

/**
 * Returns the checks in their order. Those of AWS are loaded only for a stack: the local one needs
 * none of their SDK clients.
 */
export async function checksFor(aws: AwsStack | null): Promise<readonly Check[]> {
  const awsChecks = aws === null ? [] : (await import('./aws-checks.ts')).AWS_CHECKS;
  return [...PARTS, ...awsChecks, ...TRIAL, deadLetters];
}
