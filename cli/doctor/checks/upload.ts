import { PutObjectCommand } from '@aws-sdk/client-s3';
import { MODEL_METADATA } from '../../../functions/routing/route.ts';
import type { Check } from '../check.ts';
import { sound } from '../finding.ts';

/** A picture can be put into the bucket. */
export const upload: Check = {
  name: 'upload',
  needs: ['api-health'],
  actions: ['s3:PutObject'],
  async run({ deployment: { bucket, clients }, trial, signal }) {
    trial.isUploaded = true;
    await clients.s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: trial.key,
        Body: trial.bytes,
        ContentType: 'image/jpeg',
        // Whatever model the rules choose for a key, this picture is for the small one.
        ...(trial.smallModel === null ? {} : { Metadata: { [MODEL_METADATA]: trial.smallModel } }),
      }),
      { abortSignal: signal },
    );
    return sound(`uploaded a picture as s3://${bucket}/${trial.key}`);
  },
};
