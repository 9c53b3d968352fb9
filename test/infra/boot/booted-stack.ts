import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Architecture } from '../../../layers/architecture.ts';
import { UPLOADS_BUCKET } from '../../../local/names.ts';
import { convertCheckpoint } from '../../../models/convert.ts';
import { ensureSamplePackage, SAMPLE_CHECKPOINT } from '../../../models/sample/sample.ts';
import { type BootedFunction, bootFunction } from './boot-function.ts';
import { type LaidOutFunction, layOut, type SynthesizedApp, synthesizeApp } from './lay-out.ts';
import type { SamplePicture } from './sample-pictures.ts';
import { type BootServices, startServices } from './services.ts';

/**
 * The functions of the synthesized app on the embedded services. Each is started at its first use.
 */
export interface BootedStack {
  readonly app: SynthesizedApp;
  readonly services: BootServices;
  /**
   * Lays a function out, once.
   * @param path of its construct in the stack
   */
  layOut(path: string): LaidOutFunction;
  /**
   * Starts an instance of a function.
   * @param variables the declared variables with their values, and the addresses of the services
   */
  startWith(path: string, variables: Readonly<Record<string, string>>): Promise<BootedFunction>;
  /** @param core the only core that it may use, or all cores if undefined */
  start(name: string, path: string, core?: number): Promise<BootedFunction>;
  close(): Promise<void>;
}

/** Name of a heavy model, which no function here runs. */
const HEAVY_MODEL = 'heavy-sample';
/** Prefix of uploads for the heavy model. */
const HEAVY_PREFIX = 'heavy/';

/** Images per event. */
const PICTURES_PER_EVENT = 5;

export async function bootStack(architecture: Architecture): Promise<BootedStack> {
  const folder = await mkdtemp(join(tmpdir(), 'boot-'));
  const modelsDir = join(folder, 'models');
  await ensureSamplePackage(modelsDir);
  await convertCheckpoint({ checkpoint: SAMPLE_CHECKPOINT, out: join(modelsDir, HEAVY_MODEL) });
  const app = await synthesizeApp(folder, modelsDir, {
    architecture,
    model: 'sample',
    gpu: true,
    heavyModel: HEAVY_MODEL,
    modelRules: { [HEAVY_PREFIX]: HEAVY_MODEL },
    gpuImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/worker:1',
  });
  const services = await startServices(folder);
  const started: BootedFunction[] = [];
  const laidOut = new Map<string, LaidOutFunction>();
  const layOutOnce = (path: string) => {
    const found = laidOut.get(path) ?? layOut(app, path, folder);
    laidOut.set(path, found);
    return found;
  };
  return {
    app,
    services,
    layOut: layOutOnce,
    async startWith(path, variables) {
      const booted = await bootFunction({ laidOut: layOutOnce(path), architecture, variables });
      started.push(booted);
      return booted;
    },
    async start(name, path, core) {
      const laidOut = layOutOnce(path);
      const declared = Object.entries(laidOut.variables).map(
        ([variable, value]) => [variable, services.resolve(app.template, value)] as const,
      );
      const proxies = await services.proxiesFor(name);
      const variables = { ...Object.fromEntries(declared), ...proxies.variables };
      const booted = await bootFunction({ laidOut, architecture, variables, core });
      started.push(booted);
      return booted;
    },
    async close() {
      await Promise.all(started.map((booted) => booted.close()));
      await services.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Uploads images and hands the events to the function.
 * @returns the index of each image's first prediction, read from the records
 */
export async function tagPictures(
  { services }: BootedStack,
  tagUpload: BootedFunction,
  pictures: readonly SamplePicture[],
): Promise<(number | undefined)[]> {
  const answers: (number | undefined)[] = [];
  for (let first = 0; first < pictures.length; first += PICTURES_PER_EVENT) {
    const batch = pictures.slice(first, first + PICTURES_PER_EVENT);
    for (const { file, bytes } of batch) {
      await services.s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: file, Body: bytes }));
    }
    const { batchItemFailures } = (await tagUpload.invoke(services.takeEvent())) as { batchItemFailures: unknown[] };
    if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} of ${batch.length} messages failed`);
    for (const { file } of batch) {
      const record = await services.records.readRecord({ bucket: UPLOADS_BUCKET, key: file });
      answers.push(record?.predictions[0]?.index);
    }
  }
  return answers;
}
