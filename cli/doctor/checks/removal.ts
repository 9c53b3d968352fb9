import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { UnsubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { recordsOf } from '../../deployment/records-of.ts';
import type { Check, Visit } from '../check.ts';
import { type Finding, fault, skipped, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll } from '../poll.ts';

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
    const { trial } = visit;
    if (!trial.isUploaded && trial.listener === null) return skipped('nothing was made');
    const [picture] = await Promise.all([removePicture(visit), stopListening(visit)]);
    return picture;
  },
};

/**
 * Deletes the object, waits until its record is gone, and only then deletes the versions: the
 * function must see the deletion of the version that the record describes.
 */
async function removePicture(visit: Visit): Promise<Finding> {
  const { deployment, trial, signal } = visit;
  if (!trial.isUploaded) return sound('the listener is gone; there was no picture');
  const { s3 } = deployment.clients;
  const name = { Bucket: deployment.bucket, Key: trial.key };
  await s3.send(new DeleteObjectCommand(name), { abortSignal: signal });
  const isGone = trial.record === null || (await recordIsGone(visit));
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: name.Bucket, Prefix: name.Key }),
    { abortSignal: AbortSignal.timeout(10_000) },
  );
  for (const { VersionId } of [...Versions, ...DeleteMarkers]) {
    await s3.send(new DeleteObjectCommand({ ...name, VersionId }), { abortSignal: AbortSignal.timeout(10_000) });
  }
  if (isGone) return sound('the picture, its versions and its record are gone');
  return fault({
    expected: 'the record goes when the picture is deleted',
    found: 'the picture is gone, its record is still there',
    cure: `The bucket does not report deletions, or the function fails on them. ${functionLogs(deployment, 'TagUpload')}`,
  });
}

async function recordIsGone({ deployment, trial, signal }: Visit): Promise<boolean> {
  const records = recordsOf(deployment);
  const name = { bucket: deployment.bucket, key: trial.key };
  return (await poll(signal, async () => ((await records.readRecord(name)) === null ? true : null))) !== null;
}

async function stopListening({ deployment: { clients }, trial: { listener }, signal }: Visit): Promise<void> {
  if (listener === null) return;
  if (listener.subscriptionArn !== null) {
    await clients.sns.send(new UnsubscribeCommand({ SubscriptionArn: listener.subscriptionArn }), {
      abortSignal: signal,
    });
  }
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: listener.queueUrl }), { abortSignal: signal });
}
