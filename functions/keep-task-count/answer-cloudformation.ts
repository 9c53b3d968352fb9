import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { messageOf } from '../../classifier/message-of.ts';
import { asLogged } from '../as-logged.ts';

/** CloudFormation shows the beginning of a longer reason. An answer may have 4 kB in all. */
const MAX_REASON_CHARACTERS = 1000;

/**
 * Answers a request of CloudFormation with the attributes of a custom resource, or with the reason
 * of a failure, which rolls the deployment back. Without an answer the deployment would hang.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export async function answerCloudFormation(
  event: CloudFormationCustomResourceEvent,
  logger: { error(message: string, details: { error: Error | string }): void },
  attributes: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  // The resource stands for nothing outside the stack. Another id would mean a replacement.
  const PhysicalResourceId = 'PhysicalResourceId' in event ? event.PhysicalResourceId : LogicalResourceId;
  const ids = { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  const answer = await attributes().then(
    (Data) => ({ ...ids, Status: 'SUCCESS', Data }),
    (error: unknown) => {
      logger.error('the custom resource failed', { error: asLogged(error) });
      return { ...ids, Status: 'FAILED', Reason: messageOf(error).slice(0, MAX_REASON_CHARACTERS) };
    },
  );
  const body = JSON.stringify(answer);
  // The signature of the URL covers an empty content type.
  const { ok, status } = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!ok) throw new Error(`CloudFormation's answer bucket refused the answer (${status}); Lambda tries again`);
}
