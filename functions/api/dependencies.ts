import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Classifier, openClassifier } from '../classifier/classifier.ts';
import { type Manifest, readManifest } from '../classifier/manifest.ts';
import { environmentSchema, readEnvironment, type Variables } from '../environment.ts';
import { InvalidPackageError } from '../errors.ts';
import { readRecords } from '../records/read-records.ts';
import { searchByLabel } from '../records/search.ts';
import { openRecordStore } from '../records/store.ts';
import { createS3Client } from '../s3-client.ts';
import { openObjectStore } from '../tagging/objects.ts';
import { openOnce } from '../tagging/open-once.ts';
import { MODEL_WAIT_MS } from './answer-now.ts';
import { openImageBucket } from './bucket.ts';
import type { ClassifyDependencies } from './classify.ts';
import type { HealthFacts } from './health.ts';
import { openIdempotency } from './idempotency.ts';
import type { ImagesDependencies } from './images.ts';
import { loginEnvironmentSchema, toLogin } from './login.ts';
import type { ModelsDependencies } from './models.ts';
import type { UploadsDependencies } from './uploads.ts';

export type ApiDependencies = ClassifyDependencies &
  ImagesDependencies &
  UploadsDependencies &
  ModelsDependencies &
  HealthFacts;

/** The variables of this function, with their defaults; infra and the local stack set those that have none. */
export const apiEnvironmentSchema = environmentSchema
  .pick({
    AUTOSWIFTNET_MODELS: true,
    AUTOSWIFTNET_MODEL: true,
    AUTOSWIFTNET_TABLE: true,
    AUTOSWIFTNET_BUCKET: true,
    AUTOSWIFTNET_MAX_IMAGE_BYTES: true,
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: true,
  })
  .extend(loginEnvironmentSchema.shape);

/**
 * The real clients and the model of one function instance. The model is opened when first asked for. On AWS the function reads the bucket
 * (s3:GetObject, s3:GetObjectVersion, s3:ListBucket), signs uploads into it (s3:PutObject), and reads and writes the table and its index.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function openDependencies(variables: Variables): ApiDependencies & { classifier(): Promise<Classifier> } {
  const settings = readEnvironment(apiEnvironmentSchema, variables);
  const { AUTOSWIFTNET_TABLE: tableName, AUTOSWIFTNET_BUCKET: bucketName, AUTOSWIFTNET_MODEL: smallModel } = settings;
  const maxImageBytes = settings.AUTOSWIFTNET_MAX_IMAGE_BYTES;
  const limits = { maxBytes: maxImageBytes, maxPixels: settings.AUTOSWIFTNET_MAX_IMAGE_PIXELS };
  const packageDir = join(settings.AUTOSWIFTNET_MODELS, smallModel);
  const dynamodb = new DynamoDBClient();
  const table = DynamoDBDocumentClient.from(dynamodb);
  const s3 = createS3Client(variables);
  return {
    bucketName,
    bucket: openImageBucket(s3, bucketName, () => new Date()),
    objects: openObjectStore(s3),
    records: openRecordStore(table, tableName),
    readRecords: (keys) =>
      readRecords(
        table,
        tableName,
        keys.map((key) => ({ bucket: bucketName, key })),
      ),
    search: (search) => searchByLabel(table, tableName, { ...search, bucket: bucketName }),
    answerOnce: openIdempotency(dynamodb, tableName),
    classifier: openOnce(() => openClassifier(packageDir, { limits })),
    modelWaitMs: MODEL_WAIT_MS,
    maxImageBytes,
    smallModel,
    smallManifest: openOnce(() => readManifest(packageDir)),
    heavyModels: [],
    heavyManifest: (name) => manifestIfThere(join(settings.AUTOSWIFTNET_MODELS, name)),
    modelNames: [smallModel],
    auth: toLogin(settings),
  };
}

async function manifestIfThere(packageDir: string): Promise<Manifest | null> {
  try {
    return await readManifest(packageDir);
  } catch (error) {
    if (error instanceof InvalidPackageError) return null;
    throw error;
  }
}
