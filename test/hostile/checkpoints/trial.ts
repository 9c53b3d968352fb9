import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../../../models/checkpoint/errors.ts';
import { openCheckpoint } from '../../../models/checkpoint/read.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import { mutated } from '../../models/checkpoint/mutations.ts';
import { HEAD, opcode, STORAGE } from '../../models/checkpoint/opcodes.ts';
import { openAndRead } from '../../models/checkpoint/open-and-read.ts';
import { dict, list, pickle } from '../../models/checkpoint/pickle-writer.ts';
import { tensorNode } from '../../models/checkpoint/tensor-nodes.ts';
import { legacyBytes } from '../../models/checkpoint/write-legacy.ts';
import { safetensorsCheckpoint } from '../../models/checkpoint/write-safetensors.ts';
import { zipBytes, zipCheckpoint } from '../../models/checkpoint/write-zip.ts';
import { refusalOf, type Trial, VALID } from '../kind.ts';
import type { Random } from '../random.ts';
import { sampled } from '../sampled.ts';
import { pickleProgram, swollenProgram, valuesBeside } from './pickle-programs.ts';
import { safetensorsFile } from './safetensors-headers.ts';
import { changeFields, strangeEntries } from './zips.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/checkpoints/from-training');
const SAVED = [
  'control-plain.pth',
  'lightning.ckpt',
  'torchvision-reference-script.pth',
  'whole-model.pth',
  'values-protocol-5.pth',
  'parameters-of-2017.pth',
];
const ROOT = dict(['state_dict', dict(['w', tensorNode({ storage: STORAGE, shape: [3, 2] }, 'legacy')])]);
/** What follows the saved object in the legacy format. */
const TAIL = legacyBytes({ root: ROOT, storages: [STORAGE] }).subarray(
  legacyBytes({ root: ROOT, storages: [] }).length - pickle(list()).length,
);
const ZIP_ROOT = dict(['w', tensorNode({ storage: STORAGE, shape: [3, 2] }, 'zip')]);
const ENTRIES = [
  { name: 'fc.weight', shape: [3, 2], fill: (elements: Float32Array) => void elements.fill(1) },
  { name: 'fc.bias', shape: [3], fill: (elements: Float32Array) => void elements.fill(2) },
];

type Make = (random: Random) => Buffer | Promise<Buffer>;

/**
 * Opens the checkpoints: files of PyTorch and of writers of ours, changed; pickles by their
 * grammar; archives and headers that lie. Each is opened, all its tensors are read, and its network
 * is looked for, as in `models convert`.
 */
export async function openCheckpoints(folder: string): Promise<Trial> {
  const zips = [
    await zipCheckpoint(ENTRIES),
    await zipBytes({ root: ZIP_ROOT, storages: [STORAGE], zip64: true, compress: true }),
  ];
  const legacy = [2, 3, 4, 5].map((protocol) => legacyBytes({ root: ROOT, storages: [STORAGE], protocol }));
  const corpus = [
    ...SAVED.map((name) => readFileSync(join(FIXTURES, name))),
    ...zips,
    ...legacy,
    safetensorsCheckpoint(ENTRIES),
  ];
  const makers: Readonly<Record<string, Make>> = {
    'a checkpoint with bytes changed': (random) => sampled(mutated(random.oneOf(corpus)), random),
    'a checkpoint with few bytes changed': (random) => {
      const changed = Buffer.from(random.oneOf(corpus));
      for (let count = 1 + random.below(3); count > 0; count -= 1)
        changed[random.below(changed.length)] = random.below(256);
      return changed;
    },
    'a small checkpoint with bytes changed': (random) => sampled(mutated(random.oneOf([...zips, ...legacy])), random),
    'a pickle by the grammar': (random) => Buffer.concat([HEAD, pickleProgram(random)]),
    'a pickle by the grammar, in an archive': (random) =>
      zipBytes({ root: ZIP_ROOT, storages: [STORAGE], entries: { 'data.pkl': pickleProgram(random) } }),
    'values by the grammar beside the tensors': (random) => Buffer.concat([HEAD, valuesBeside(random), TAIL]),
    'a pickle of random opcodes': (random) =>
      Buffer.concat([
        HEAD,
        Buffer.of(0x80, 2),
        ...Array.from({ length: random.below(40) }, () => sampled(opcode, random)),
      ]),
    'a swollen pickle': (random) => Buffer.concat([HEAD, swollenProgram(random).bytes]),
    'an archive with fields changed': (random) =>
      changeFields(random.oneOf([...zips, random.oneOf(corpus.slice(0, 2))]), random),
    'an archive of strange entries': (random) => strangeEntries(random, [ZIP_ROOT, ROOT]),
    'a safetensors header that lies': safetensorsFile,
    'a checkpoint cut off': (random) => {
      const whole = random.oneOf(corpus);
      return whole.subarray(0, random.below(whole.length));
    },
    noise: (random) => random.bytes(random.below(400)),
  };
  const path = join(folder, 'checkpoint');
  return {
    async make(random) {
      const mutation = random.oneOf(Object.keys(makers));
      const file = (await makers[mutation]?.(random)) ?? Buffer.alloc(0);
      const options = random.isChance(0.3) ? { skipObjects: true } : {};
      return { mutation, file, run: () => tryCheckpoint(path, file, options) };
    },
    close: async () => undefined,
  };
}

async function tryCheckpoint(path: string, file: Buffer, options: { skipObjects?: boolean }): Promise<string> {
  await writeFile(path, file);
  try {
    await openAndRead(path, options);
    const checkpoint = await openCheckpoint(path, options);
    try {
      readArchitecture(checkpoint.tensors, path);
    } finally {
      await checkpoint.close();
    }
    return VALID;
  } catch (error) {
    return refusalOf(error, CheckpointError);
  }
}
