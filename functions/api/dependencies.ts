import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Classifier, openClassifier } from '../../classifier/classifier.ts';
import { makeThumbnail } from '../../classifier/decode/thumbnail.ts';
import { InvalidPackageError } from '../../classifier/errors.ts';
import { type Manifest, readManifest } from '../../classifier/manifest.ts';
import { toDecodeLimits } from '../decode-limits.ts';
import { readEnvironment, type Variables } from '../environment.ts';
import { type JobSource, jobKey } from '../records/job.ts';
import { openJobStore } from '../records/job-store.ts';
import { listNewest, type NewestImages } from '../records/newest.ts';
import { readRecords } from '../records/read-records.ts';
import { type LabelSearch, searchByLabel } from '../records/search.ts';
import { openRecordStore } from '../records/store.ts';
import { openHeavySender } from '../routing/heavy-sender.ts';
import { toRouteSettings } from '../routing/route-settings.ts';
import { createS3Client } from '../s3-client.ts';
import { type ObjectStore, openObjectStore } from '../tagging/objects.ts';
import { openOnce } from '../tagging/open-once.ts';
import { openThumbnailStore } from '../thumbnails/thumbnail-store.ts';
import { type PackagePlace, readVocabularies } from '../vocabulary/read-vocabularies.ts';
import { isWatched, type WatchedObjects, watchedBuckets, watchedObjects } from '../watched-objects.ts';
import { MODEL_WAIT_MS } from './answer-now.ts';
import { openImageBucket } from './bucket.ts';
import type { ClassifyDependencies } from './classify.ts';
import type { HealthDependencies } from './health.ts';
import { openIdempotency } from './idempotency.ts';
import type { ImagesDependencies } from './images.ts';
import type { JobsDependencies } from './jobs.ts';
import type { LabelsDependencies } from './labels.ts';
import { toLogin } from './login.ts';
import type { ModelsDependencies } from './models.ts';
import type { BucketParts, NamedBucketDependencies } from './named-bucket.ts';
import type { ServeDependencies } from './serve.ts';
import { apiEnvironmentSchema } from './settings.ts';
import type { ThumbnailDependencies } from './thumbnail.ts';
import type { UploadsDependencies } from './uploads.ts';

export type ApiDependencies = ClassifyDependencies &
  ImagesDependencies &
  ThumbnailDependencies &
  LabelsDependencies &
  UploadsDependencies &
  ModelsDependencies &
  JobsDependencies &
  HealthDependencies &
  NamedBucketDependencies &
  ServeDependencies;

/**
 * Opens the real clients and the model of one function instance; the model is opened when it is
 * first needed. On AWS the function reads the watched objects (s3:GetObject, s3:GetObjectVersion,
 * s3:ListBucket), signs uploads into it (s3:PutObject), keeps the pictures of jobs (s3:PutObject on
 * the service bucket's `jobs/`) and thumbnails (s3:GetObject, s3:PutObject, s3:DeleteObject on its
 * `thumbnails/`, and s3:ListBucket), sends to the heavy queue, reads and writes the table, and
 * reads its index.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function openDependencies(variables: Variables): ApiDependencies & { classifier(): Promise<Classifier> } {
  const settings = readEnvironment(apiEnvironmentSchema, variables);
  const { AUTOSWIFTNET_MODELS: modelsDir, AUTOSWIFTNET_MODEL: smallModel, AUTOSWIFTNET_BUCKET: bucketName } = settings;
  const limits = toDecodeLimits(settings);
  const packageDir = join(modelsDir, smallModel);
  const routes = toRouteSettings([smallModel], settings);
  const s3 = createS3Client(variables);
  const now = () => new Date();
  const smallManifest = openOnce(() => readManifest(packageDir));
  const heavyPackageDir = (name: string) => {
    const place = settings.AUTOSWIFTNET_HEAVY_PACKAGES[name];
    return typeof place === 'string' ? place : join(modelsDir, name);
  };
  const { ofBucket, ...table } = openTable(settings.AUTOSWIFTNET_TABLE);
  const watched = watchedObjects(settings);
  const objects = openWatched(openObjectStore(s3), watched);
  const partsOf = (name: string): BucketParts => ({
    ...ofBucket(name),
    bucketName: name,
    bucket: openImageBucket(
      s3,
      name,
      now,
      watched.filter(({ bucket }) => bucket === name),
    ),
    objects,
  });
  return {
    ...table,
    ...partsOf(bucketName),
    buckets: new Map(watchedBuckets(watched).map((name) => [name, partsOf(name)])),
    thumbnails: openThumbnailStore(s3, settings.AUTOSWIFTNET_SERVICE_BUCKET),
    makeThumbnail: (bytes) => makeThumbnail(bytes, limits),
    keepPicture: (id, bytes) => keepPicture(s3, settings.AUTOSWIFTNET_SERVICE_BUCKET, id, bytes),
    askHeavy: openHeavySender(variables, settings.AUTOSWIFTNET_HEAVY_QUEUE_URL),
    classifier: openOnce(() =>
      openClassifier(packageDir, { limits, conceptThreshold: settings.AUTOSWIFTNET_CONCEPT_THRESHOLD }),
    ),
    modelWaitMs: MODEL_WAIT_MS,
    maxImageBytes: limits.maxBytes,
    heic: limits.heic,
    routes,
    smallManifest,
    heavyManifest: (name) => manifestIfThere(heavyPackageDir(name)),
    vocabularies: openOnce(async () => {
      const small = { packageDir, manifest: await smallManifest() };
      const heavy = await Promise.all(routes.heavy.map((name) => placeIfThere(heavyPackageDir(name))));
      return readVocabularies([small, ...heavy.flat()]);
    }),
    auth: toLogin(settings),
    allowedOrigins: settings.AUTOSWIFTNET_CORS_ORIGINS,
    now,
  };
}

/** What is not watched is as if it were not there: the function may not read it. */
function openWatched(store: ObjectStore, watched: readonly WatchedObjects[]): Pick<ObjectStore, 'open'> {
  return {
    open: async (object, condition) => (isWatched(watched, object) ? store.open(object, condition) : 'gone'),
  };
}

function openTable(tableName: string) {
  const database = new DynamoDBClient();
  const table = DynamoDBDocumentClient.from(database);
  return {
    records: openRecordStore(table, tableName),
    ofBucket: (bucket: string) => ({
      readRecords(keys: readonly string[]) {
        const names = keys.map((key) => ({ bucket, key }));
        return readRecords(table, tableName, names);
      },
      search: (search: Omit<LabelSearch, 'bucket'>) => searchByLabel(table, tableName, { ...search, bucket }),
      newest: (page: Omit<NewestImages, 'bucket'>) => listNewest(table, tableName, { ...page, bucket }),
    }),
    jobs: openJobStore(table, tableName),
    answerOnce: openIdempotency(database, tableName),
  };
}

async function keepPicture(client: S3Client, bucket: string, jobId: string, bytes: Uint8Array): Promise<JobSource> {
  const key = jobKey(jobId);
  const { ETag = '', VersionId } = await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
  return { bucket, key, versionId: VersionId ?? null, eTag: ETag.replaceAll('"', '') };
}

async function manifestIfThere(packageDir: string): Promise<Manifest | null> {
  try {
    return await readManifest(packageDir);
  } catch (error) {
    if (error instanceof InvalidPackageError) return null;
    throw error;
  }
}

async function placeIfThere(packageDir: string): Promise<PackagePlace[]> {
  const manifest = await manifestIfThere(packageDir);
  return manifest === null ? [] : [{ packageDir, manifest }];
}
