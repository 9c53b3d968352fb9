/** What the local stack calls its resources. In AWS the names are generated. */

export const REGION = 'us-east-1';

/** What the local services accept as credentials, of anyone on this machine. */
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** Loopback only: nothing of the stack can be reached from another machine. */
export const HOST = '127.0.0.1';

/** Of the gateway. */
export const DEFAULT_PORT = 3000;

/** Watched: an object in it is tagged. */
export const UPLOADS_BUCKET = 'autoswiftnet-uploads';
/** For bytes and results of jobs; nothing watches it. */
export const SERVICE_BUCKET = 'autoswiftnet-service';

export const UPLOADS_QUEUE = 'autoswiftnet-uploads';
export const HEAVY_QUEUE = 'autoswiftnet-heavy';
export const BACKFILL_QUEUE = 'autoswiftnet-backfill';
export const DEAD_LETTERS_SUFFIX = '-dead-letters';

export const RESULTS_TOPIC = 'autoswiftnet-results';
export const TABLE = 'autoswiftnet';

export const TAG_UPLOAD_FUNCTION = 'autoswiftnet-tag-upload';
export const API_FUNCTION = 'autoswiftnet-api';
