import { setTimeout as delay } from 'node:timers/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { Classifier } from '../../classifier/index.ts';
import { UPLOADS_BUCKET } from '../../local/names.ts';
import { samplePicture, upload } from '../integration/uploads.ts';
import { audit, type Expected } from './audit.ts';
import { expectedOf } from './expected-of.ts';
import type { FaultPlan } from './fault-plan.ts';
import { type FaultWorld, openFaultWorld } from './fault-world.ts';
import { Draws } from './simulation/draws.ts';
import { drawFaults } from './simulation/treat-calls.ts';

/** What happens to real processes on the embedded services, drawn by a seed. */
export interface RealPlan {
  readonly faults: FaultPlan;
  /** In their order: times in milliseconds. */
  readonly steps: readonly Step[];
}

type Step = { readonly at: number } & (
  | { readonly kind: 'upload'; readonly key: string; readonly picture: string; readonly owner: string }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'kill'; readonly stage: 'tagging' | 'worker' }
);

export interface RealResult {
  /** What was found to be wrong, one sentence each. */
  readonly findings: readonly string[];
  /** How many calls ended in each way. */
  readonly fates: Readonly<Record<string, number>>;
  readonly kills: number;
  /** Messages that were given up, and sent back once the faults were over. */
  readonly redriven: number;
  /** What the processes have printed. */
  readonly printed: readonly string[];
}

const PICTURES = { 'daisy-1': 3, 'pizza-1': 3, 'banana-1': 3, 'maze-1': 3, 'lemon-1': 3, notes: 1 };
const HEAVY = { name: 'sample.heavy', prefix: 'heavy/' };
const MS_PER_UPLOAD = 100;
const UPLOADS_PER_KEY = 2;
const DELETED_SHARE = 0.15;
const HEAVY_SHARE = 0.4;

/** Draws a plan of so many uploads and deletions, and so many kills among them. */
export function drawRealPlan(seed: number, operations: number, kills: number): RealPlan {
  const draws = new Draws(seed);
  const lasts = operations * MS_PER_UPLOAD;
  const keys = Array.from({ length: Math.ceil(operations / UPLOADS_PER_KEY) }, (_, index) => {
    return `${draws.share('heavy', index) < HEAVY_SHARE ? HEAVY.prefix : ''}photo ${index}+ü.jpg`;
  });
  const changes = Array.from({ length: operations }, (_, id): Step => {
    const key = keys[draws.whole(keys.length, 'key', id)] ?? '';
    const at = id * MS_PER_UPLOAD;
    return draws.share('deleted', id) < DELETED_SHARE
      ? { at, kind: 'delete', key }
      : { at, kind: 'upload', key, picture: draws.pick(PICTURES, 'picture', id), owner: `user${id}` };
  });
  const ends = Array.from({ length: kills }, (_, index): Step => {
    const at = draws.between(0, lasts, 'killed', index);
    return { at, kind: 'kill', stage: index % 2 === 0 ? 'tagging' : 'worker' };
  });
  return { faults: drawFaults(draws, seed), steps: [...changes, ...ends].sort((a, b) => a.at - b.at) };
}

/**
 * Runs a plan through real processes, the real SDK and HTTP. Once all is handled its faults end,
 * what was given up is sent back, and what is left is audited.
 */
export async function runRealPlan(
  { faults, steps }: RealPlan,
  packageDir: string,
  classifier: Classifier,
): Promise<RealResult> {
  const world = await openFaultWorld({ packageDir, plan: faults, heavy: HEAVY });
  try {
    await act(world, steps);
    await world.untilQuiet();
    world.proxies.endFaults();
    const redriven = await world.redrive();
    const found = await world.findWhenQuiet();
    const expected = await expectedAfter(steps, classifier);
    const present = new Set(expected.map(({ key }) => key));
    const deleted = steps.flatMap((step) => ('key' in step && !present.has(step.key) ? [step.key] : []));
    return {
      findings: audit(found, expected, { bucket: UPLOADS_BUCKET, deleted }),
      fates: Object.fromEntries([...world.proxies.fates].sort()),
      kills: steps.filter(({ kind }) => kind === 'kill').length,
      redriven,
      printed: world.printed,
    };
  } finally {
    await world.close();
  }
}

async function act({ s3, kill }: FaultWorld, steps: readonly Step[]): Promise<void> {
  const start = performance.now();
  for (const step of steps) {
    const early = step.at - (performance.now() - start);
    if (early > 0) await delay(early);
    if (step.kind === 'kill') kill(step.stage);
    else if (step.kind === 'delete') await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS_BUCKET, Key: step.key }));
    else await upload(s3, step.key, await bytesOf(step.picture), { Tagging: `owner=${step.owner}` });
  }
}

async function expectedAfter(steps: readonly Step[], classifier: Classifier): Promise<Expected[]> {
  const last = new Map(steps.flatMap((step) => ('key' in step ? [[step.key, step] as const] : [])));
  const expected: Expected[] = [];
  for (const [key, step] of last) {
    if (step.kind !== 'upload') continue;
    const model = key.startsWith(HEAVY.prefix) ? HEAVY.name : 'sample';
    const bytes = await bytesOf(step.picture);
    expected.push(await expectedOf(classifier, { key, bytes, model, userTags: { owner: step.owner } }));
  }
  return expected;
}

async function bytesOf(picture: string): Promise<Buffer> {
  return picture === 'notes' ? Buffer.from('these are notes') : samplePicture(picture);
}
