import { PutObjectCommand } from '@aws-sdk/client-s3';
import { MODEL_METADATA } from '../../../functions/routing/route.ts';
import { hasChangedNothing } from '../../deployment/service-error.ts';
import type { Check } from '../check.ts';
import { sound } from '../finding.ts';

/** A picture can be put into the bucket. */
export const upload: Check = {
  name: 'upload',
  actions: ['s3:PutObject'],
  async run({ deployment: { bucket, clients }, trial, signal }) {
    const put = new PutObjectCommand({
      Bucket: bucket,
      Key: trial.key,
      Body: trial.bytes,
      ContentType: 'image/jpeg',
      // Whatever model the rules choose for a key, this picture is for the small one.
      ...(trial.smallModel === null ? {} : { Metadata: { [MODEL_METADATA]: trial.smallModel } }),
    });
    trial.isUploaded = true;
    try {
      await clients.s3.send(put, { abortSignal: signal });
    } catch (error) {
      // After any other error it may have arrived.
      if (hasChangedNothing(error)) trial.isUploaded = false;
      throw error;
    }
    return sound(`uploaded a picture as s3://${bucket}/${trial.key}`);
  },
};
