import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { UnsubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { messageOf } from '../../../classifier/message-of.ts';
import { awsOption } from '../../deployment/deployment.ts';
import { recordsOf } from '../../deployment/records-of.ts';
import type { Check, Visit } from '../check.ts';
import { type Finding, fault, skipped, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll, SOON_MS } from '../poll.ts';

/** Everything that the other checks made is removed again. This runs always, and last. */
export const removal: Check = {
  name: 'removal',
  actions: [
    's3:DeleteObject',
    's3:ListBucketVersions',
    's3:DeleteObjectVersion',
    'dynamodb:Query',
    'sns:Unsubscribe',
    'sqs:DeleteQueue',
  ],
  async run(visit) {
    const findings = await Promise.all(leftoversOf(visit).map(remove));
    return findings.length === 0 ? skipped('nothing was made') : findings;
  },
};

/** Something that a check made. */
interface Leftover {
  readonly what: string;
  /** Removes it by hand. */
  readonly command: string;
  readonly remove: () => Promise<Finding>;
}

function leftoversOf(visit: Visit): Leftover[] {
  const { deployment, trial } = visit;
  const { queueUrl, subscriptionArn } = trial.listener ?? {};
  const leftovers: Leftover[] = [];
  if (trial.isUploaded) {
    const command = `aws s3api delete-object --bucket ${deployment.bucket} --key ${trial.key}${awsOption(deployment, 's3')}`;
    leftovers.push({ what: 'the picture', command, remove: () => removePicture(visit) });
  }
  if (subscriptionArn) {
    const command = `aws sns unsubscribe --subscription-arn ${subscriptionArn}${awsOption(deployment, 'sns')}`;
    leftovers.push({ what: 'the subscription', command, remove: () => unsubscribe(visit, subscriptionArn) });
  }
  if (queueUrl !== undefined) {
    const command = `aws sqs delete-queue --queue-url ${queueUrl}${awsOption(deployment, 'sqs')}`;
    leftovers.push({ what: 'the queue', command, remove: () => deleteQueue(visit, queueUrl) });
  }
  return leftovers;
}

async function remove(leftover: Leftover): Promise<Finding> {
  try {
    return await leftover.remove();
  } catch (error) {
    return fault({
      expected: `${leftover.what} is removed`,
      found: messageOf(error),
      cure: `Remove it by hand: ${leftover.command}`,
    });
  }
}

/**
 * Deletes the object, waits until its record is gone, and only then deletes the versions: the
 * function must see the deletion of the version that the record describes.
 */
async function removePicture(visit: Visit): Promise<Finding> {
  const { deployment, trial, signal } = visit;
  const { s3 } = deployment.clients;
  const name = { Bucket: deployment.bucket, Key: trial.key };
  await s3.send(new DeleteObjectCommand(name), { abortSignal: signal });
  const isGone = trial.record === null || (await recordIsGone(visit));
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: name.Bucket, Prefix: name.Key }),
    { abortSignal: AbortSignal.timeout(SOON_MS) },
  );
  for (const { VersionId } of [...Versions, ...DeleteMarkers]) {
    await s3.send(new DeleteObjectCommand({ ...name, VersionId }), { abortSignal: AbortSignal.timeout(SOON_MS) });
  }
  if (isGone) return sound('the picture, its versions and its record are gone');
  return fault({
    expected: 'the record goes when the picture is deleted',
    found: 'the picture is gone, its record is still there',
    cure: `The bucket does not report deletions, or the function fails on them. ${functionLogs(deployment, 'tagging')}`,
  });
}

async function recordIsGone({ deployment, trial, signal }: Visit): Promise<boolean> {
  const records = recordsOf(deployment);
  const name = { bucket: deployment.bucket, key: trial.key };
  return (await poll(signal, async () => ((await records.readRecord(name)) === null ? true : null))) !== null;
}

async function unsubscribe({ deployment, signal }: Visit, SubscriptionArn: string): Promise<Finding> {
  await deployment.clients.sns.send(new UnsubscribeCommand({ SubscriptionArn }), { abortSignal: signal });
  return sound('the subscription is gone');
}

async function deleteQueue({ deployment, signal }: Visit, QueueUrl: string): Promise<Finding> {
  await deployment.clients.sqs.send(new DeleteQueueCommand({ QueueUrl }), { abortSignal: signal });
  return sound('the queue is gone');
}
