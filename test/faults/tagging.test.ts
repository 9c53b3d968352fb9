import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { type Classifier, openClassifier } from '../../classifier/index.ts';
import { UPLOADS_BUCKET } from '../../local/names.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { samplePicture, upload } from '../integration/uploads.ts';
import { type AuditSettings, audit, type Expected } from './audit.ts';
import { expectedOf } from './expected-of.ts';
import { type Fate, type FaultPlan, faultPlanSchema } from './fault-plan.ts';
import { openFaultWorld } from './fault-world.ts';

const PICTURES = ['daisy-1', 'pizza-1', 'banana-1', 'maze-1', 'lemon-1', 'acorn-1'];
const UPLOADS = 24;
const DELETED = ['deleted.jpg'];
const SETTINGS: AuditSettings = { bucket: UPLOADS_BUCKET, deleted: DELETED };
const TEST_TIMEOUT_MS = 120_000;
/** Seed of the plan in which the function's process is killed, too. */
const KILLED_IN = 2;

const DELAYS = {
  s3: { delayMs: [5, 25] as [number, number] },
  dynamodb: { delayMs: [0, 10] as [number, number] },
  sns: { delayMs: [5, 15] as [number, number] },
};
/** The SDK tries three times and the queue five, so that hardly any upload fails for good. */
const FAULTS = { refuse: 0.02, drop: 0.02, reset: 0.03, duplicate: 0.05 };

let folder: string;
let packageDir: string;
let classifier: Classifier;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-fault-test-'));
  packageDir = await ensureSamplePackage(folder);
  classifier = await openClassifier(packageDir);
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await classifier?.close();
  await rm(folder, { recursive: true, force: true });
});

test.each<[string, FaultPlan, Fate[]]>([
  ['delayed', faultPlanSchema.parse({ seed: 1, services: DELAYS }), ['pass']],
  [
    'delayed, refused, dropped, broken off and done twice, and the process is killed',
    faultPlanSchema.parse({
      seed: 2,
      services: {
        s3: { ...DELAYS.s3, ...FAULTS },
        dynamodb: { ...DELAYS.dynamodb, ...FAULTS },
        sns: { ...DELAYS.sns, ...FAULTS },
      },
    }),
    ['drop', 'duplicate', 'pass', 'refuse', 'reset'],
  ],
])(
  'calls are %s: objects, tags, records, rows, results and queues are as they must be',
  async (_what, plan, fates) => {
    const world = await openFaultWorld({ packageDir, plan });
    try {
      const expected = await uploadEverything(world.s3);
      if (plan.seed === KILLED_IN) world.kill('tagging');
      const found = await world.findWhenQuiet();

      // What went wrong on the way is told with a difference.
      const printed = failures(world.printed);
      expect({ faults: audit(found, expected, SETTINGS), printed }).toEqual({ faults: [], printed });
      expect([...world.proxies.fates.keys()].sort()).toEqual(fates);
    } finally {
      await world.close();
    }
  },
  TEST_TIMEOUT_MS,
);

/** Uploads pictures and other files, replaces some and deletes one, while the function works. */
async function uploadEverything(s3: Parameters<typeof upload>[0]): Promise<Expected[]> {
  const notes = Buffer.from('these are notes');
  const [daisy, pizza] = await Promise.all([samplePicture('daisy-2'), samplePicture('pizza-2')]);
  const many = Array.from(
    { length: UPLOADS },
    (_, index) => [`many/${index}.jpg`, PICTURES[index % PICTURES.length]] as const,
  );
  for (const key of [...DELETED, 'replaced.jpg', 'spoilt.jpg']) await upload(s3, key, daisy, { Tagging: 'owner=me' });
  const expected = await Promise.all(
    many.map(async ([key, name = '']) => {
      const bytes = await samplePicture(name);
      await upload(s3, key, bytes, { Tagging: 'owner=me' });
      return ownExpected(key, bytes);
    }),
  );
  await upload(s3, 'replaced.jpg', pizza, { Tagging: 'owner=me' });
  await upload(s3, 'spoilt.jpg', notes, { Tagging: 'owner=me' });
  for (const Key of DELETED) await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS_BUCKET, Key }));
  return [...expected, await ownExpected('replaced.jpg', pizza), await ownExpected('spoilt.jpg', notes)];
}

function ownExpected(key: string, bytes: Buffer): Promise<Expected> {
  return expectedOf(classifier, { key, bytes, model: 'sample', userTags: { owner: 'me' } });
}

function failures(lines: readonly string[]): string[] {
  return lines.filter((line) => line.includes('attempt failed'));
}
