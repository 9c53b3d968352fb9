import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { HeavyRequest } from '../../../../functions/routing/heavy-message.ts';
import { PROBLEM_TYPE_PREFIX } from '../../../../functions/wire.ts';
import { ensureSamplePackage } from '../../../../models/sample/sample.ts';
import { samplePicture } from '../../../integration/uploads.ts';
import type { ApiAnswer } from '../contract.ts';
import { BUCKET, jsonOf, openTestApi, openTestServices, type TestApi, type TestServices } from '../test-api.ts';

/** What the tests of the contract share. It is empty until the first test begins. */
export interface ContractWorld {
  folder: string;
  services: TestServices;
  api: TestApi;
  /** Every dependency of it fails. */
  broken: TestApi;
  /** Its model never opens. */
  loading: TestApi;
  picture: Buffer;
  /** A picture that differs from `picture`. */
  otherPicture(): Promise<Buffer>;
  /** What the heavy model was asked. */
  readonly asked: HeavyRequest[];
  /** Answers of openapi.yaml that other APIs than these three gave. */
  readonly seenElsewhere: Set<string>;
  /** Puts an object that nobody has looked at, and returns its key. */
  object(key: string, body: string | Buffer): Promise<string>;
}

export const JPEG = { 'content-type': 'image/jpeg' };
export const JSON_TYPE = { 'content-type': 'application/json' };

const HEAVY = {
  AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/heavy',
  AUTOSWIFTNET_CASCADE_THRESHOLD: '1',
  AUTOSWIFTNET_MAX_IMAGE_BYTES: '30000',
  AUTOSWIFTNET_MAX_IMAGE_PIXELS: '1000000',
};

/** Opens the world before the first test of a file, and closes it after the last. */
export function useContractWorld(): ContractWorld {
  const world = {
    asked: [],
    seenElsewhere: new Set(),
    otherPicture: () => samplePicture('daisy-2'),
    async object(key, Body) {
      const target = { Bucket: BUCKET, Key: key };
      await world.services.s3.send(new PutObjectCommand({ ...target, Body, ContentType: 'text/html' }));
      return key;
    },
  } as Pick<ContractWorld, 'asked' | 'seenElsewhere' | 'object' | 'otherPicture'> as ContractWorld;

  beforeAll(async () => {
    world.folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-contract-'));
    world.services = await openTestServices();
    await ensureSamplePackage(world.folder);
    world.picture = await samplePicture('daisy-1');
    const options = { modelsDir: world.folder, model: 'sample' };
    const askHeavy = async (request: HeavyRequest) => void world.asked.push(request);
    world.api = openTestApi({ ...options, variables: HEAVY, change: () => ({ askHeavy }) });
    const fault = () => Promise.reject(new Error('a secret of ours'));
    world.broken = openTestApi({
      ...options,
      change: (real) => ({
        classifier: fault,
        smallManifest: fault,
        jobs: { ...real.jobs, read: fault },
        search: fault,
        vocabularies: fault,
        readRecords: fault,
        makeThumbnail: fault,
        records: { readRecord: fault },
        bucket: { ...real.bucket, presignPost: fault },
      }),
    });
    world.loading = openTestApi({
      ...options,
      change: () => ({ classifier: () => new Promise(() => {}), modelWaitMs: 20 }),
    });
  });

  afterAll(async () => {
    await world.services?.close();
    await rm(world.folder, { recursive: true, force: true });
  });

  return world;
}

/** The problem of an answer, by its code. */
export function typeOf(answer: ApiAnswer): string | undefined {
  return jsonOf(answer).type?.replace(PROBLEM_TYPE_PREFIX, '');
}
