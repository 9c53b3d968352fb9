/** Names of the local stack's resources. On AWS the names are generated. */

export const REGION = 'us-east-1';

/** Credentials that the local services accept. They are no secret. */
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** The loopback address: no other machine can reach the stack. */
export const HOST = '127.0.0.1';

/** Port of the gateway. */
export const DEFAULT_PORT = 3000;

/** The watched bucket: objects in it are tagged. */
export const UPLOADS_BUCKET = 'autoswiftnet-uploads';
/** The bucket for the bytes and results of jobs. Nothing watches it. */
export const SERVICE_BUCKET = 'autoswiftnet-service';

export const UPLOADS_QUEUE = 'autoswiftnet-uploads';
export const HEAVY_QUEUE = 'autoswiftnet-heavy';
export const DEAD_LETTERS_SUFFIX = '-dead-letters';
export const UPLOADS_DEAD_LETTERS = `${UPLOADS_QUEUE}${DEAD_LETTERS_SUFFIX}`;
/** Dead letters that failed alone as well, or that cannot be read. */
export const UPLOADS_PARKED = 'autoswiftnet-uploads-parked';

/** The only account that the local SQS and SNS know. */
export const ACCOUNT = '000000000000';

/**
 * Makes the local ARN of a queue.
 * @example queueArn('autoswiftnet-uploads')
 * // arn:aws:sqs:us-east-1:000000000000:autoswiftnet-uploads
 */
export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}

/**
 * Makes the local ARN of a topic.
 * @example topicArn('autoswiftnet-results')
 * // arn:aws:sns:us-east-1:000000000000:autoswiftnet-results
 */
export function topicArn(name: string): string {
  return `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`;
}

export const RESULTS_TOPIC = 'autoswiftnet-results';
export const TABLE = 'autoswiftnet';

export const TAG_UPLOAD_FUNCTION = 'autoswiftnet-tag-upload';
export const DEAD_LETTERS_FUNCTION = 'autoswiftnet-dead-letters';
export const API_FUNCTION = 'autoswiftnet-api';
