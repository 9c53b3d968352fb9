/** Sets what the functions read of the environment when they are loaded. Import it before them. */
import { basename, dirname } from 'node:path';
import { functionEnvironment } from '../../../local/function-environment.ts';
import { HEAVY_QUEUE, RESULTS_TOPIC, TAG_UPLOAD_FUNCTION, topicArn, UPLOADS_PARKED } from '../../../local/names.ts';
import { HEAVY_NAME, MODEL_NAME } from '../../functions/tagging/word-classifier.ts';

/** The key prefixes by which a plan chooses who answers: the heavy model alone, or both. */
export const HEAVY_PREFIX = 'heavy/';
export const BOTH_PREFIX = 'both/';

/** Nothing listens there: calls of the SDK stay in this process. */
const NOWHERE = 'http://127.0.0.1:9';
const PACKAGES = '/no/such/folder';

/** The variables of all functions. */
export const VARIABLES: Readonly<Record<string, string>> = {
  ...functionEnvironment({
    variables: {},
    packageDir: `${PACKAGES}/${MODEL_NAME}`,
    endpoints: { s3: NOWHERE, sqs: NOWHERE, sns: NOWHERE, dynamodb: NOWHERE },
    resultsTopicArn: topicArn(RESULTS_TOPIC),
    heavy: { models: [{ name: HEAVY_NAME, packageDir: `${PACKAGES}/${HEAVY_NAME}` }], queueUrl: queueUrl(HEAVY_QUEUE) },
  }),
  AUTOSWIFTNET_MODEL_RULES: JSON.stringify({ [HEAVY_PREFIX]: HEAVY_NAME, [BOTH_PREFIX]: 'auto' }),
  AUTOSWIFTNET_CASCADE_THRESHOLD: '0.6',
  AUTOSWIFTNET_TAGGING_FUNCTION: TAG_UPLOAD_FUNCTION,
  AUTOSWIFTNET_PARKED_QUEUE_URL: queueUrl(UPLOADS_PARKED),
  POWERTOOLS_LOG_LEVEL: 'SILENT',
};

Object.assign(process.env, VARIABLES);

/** The URL of a simulated queue. It ends in the queue's name. */
export function queueUrl(name: string): string {
  return `${NOWHERE}/${basename(dirname('/000000000000/x'))}/${name}`;
}

/** @example queueOf(queueUrl('heavy')) // heavy */
export function queueOf(url: string): string {
  return basename(url);
}
