/**
 * Checks that an int8 package answers the same on every processor. It runs the 64 sample pictures
 * with the sample model in int8 on this machine, on x86 with VNNI (Bochs), without AVX-512 and
 * without AVX2 (qemu-x86_64), and on arm64 (qemu-aarch64). A picture takes seconds when emulated.
 * An emulator that is not installed is named and left out.
 *
 *   bash test/infra/boot/prepare.sh
 *   bash bench/bochs/prepare.sh
 *   apt-get install qemu-user
 *   node --import tsx bench/int8-cpus.ts [PICTURES]
 *
 * Linux on x64 only. Results: bench/results/int8-cpus.json.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeImage } from '../classifier/decode/decode.ts';
import { quantizePackage } from '../models/quantize.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { report } from './report.ts';
import { vectorInstructions } from './vector-instructions.ts';

interface Processor {
  readonly name: string;
  /** The command to which `node`'s arguments are added. */
  readonly command: readonly string[];
  /** Null when it is installed, else the command that installs it. */
  readonly missing: string | null;
}

const IMAGES = new URL('../models/sample/images/', import.meta.url);
const CHILD = fileURLToPath(new URL('int8-cpus-child.mjs', import.meta.url));
const BOCHS = fileURLToPath(new URL('bochs/', import.meta.url));
/**
 * The folder that test/infra/boot/prepare.sh fills: Node and qemu for arm64, and Debian's
 * libraries.
 */
const ARM64 = fileURLToPath(new URL('../test/infra/boot/cache/', import.meta.url));

const ARM64_CPUINFO = [
  'processor : 0',
  'Features : fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp',
  'CPU implementer : 0x41',
  'CPU architecture: 8',
  'CPU variant : 0x3',
  'CPU part : 0xd0c',
  'CPU revision : 1',
];

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const int8 = join(folder, 'sample.int8');
  const { classes, preprocessing } = await quantizePackage({ package: await ensureSamplePackage(folder), out: int8 });
  const count = Number(process.argv[2] ?? Number.POSITIVE_INFINITY);
  const files = (await readdir(IMAGES))
    .filter((file) => file.endsWith('.jpg'))
    .sort()
    .slice(0, count);
  const crops = await Promise.all(
    files.map(async (file) => (await decodeImage(await readFile(new URL(file, IMAGES)), preprocessing)).pixels),
  );
  const cropsFile = join(folder, 'crops.u8');
  await writeFile(cropsFile, Buffer.concat(crops));
  let expected: Float32Array | undefined;
  const rows = [];
  for (const { name, command, missing } of processors()) {
    if (missing !== null) {
      rows.push({ processor: name, missing });
      continue;
    }
    const [file = '', ...args] = command;
    const out = join(folder, 'logits.f32');
    await promisify(execFile)(file, [...args, CHILD, int8, cropsFile, out]);
    const logits = new Float32Array(Uint8Array.from(await readFile(out)).buffer);
    expected ??= logits;
    rows.push({ processor: name, pictures: files.length, ...compare(expected, logits, classes) });
  }
  await report('int8-cpus', rows);
}

/** Returns the processors; the others are compared with the first. */
function processors(): Processor[] {
  const known = vectorInstructions();
  const hasX86 = spawnSync('qemu-x86_64', ['--version']).status === 0;
  const emulated = (cpu: string, what: string): Processor => ({
    name: `${what} (qemu-x86_64 -cpu ${cpu})`,
    command: ['qemu-x86_64', '-cpu', cpu, process.execPath],
    missing: hasX86 ? null : 'apt-get install qemu-user',
  });
  const hasBochs = existsSync(join(BOCHS, 'cache'));
  const booted = (cpu: string, what: string): Processor => ({
    name: `${what} (Bochs, ${cpu})`,
    command: ['bash', join(BOCHS, 'run.sh'), cpu, process.execPath],
    missing: hasBochs ? null : 'bash bench/bochs/prepare.sh',
  });
  const hasArm64 = existsSync(join(ARM64, 'arm64/qemu-aarch64'));
  if (hasArm64) describeArm64();
  return [
    { name: `this machine: ${cpus()[0]?.model}, ${known.join(' ')}`, command: [process.execPath], missing: null },
    booted('corei7_icelake_u', 'AVX-512 with VNNI'),
    booted('arrow_lake', 'AVX-VNNI'),
    emulated('Haswell', 'AVX2, no AVX-512'),
    emulated('SandyBridge', 'AVX, no AVX2'),
    emulated('Nehalem', 'SSE4.2, no AVX'),
    {
      name: 'arm64 (qemu-aarch64)',
      command: [join(ARM64, 'arm64/qemu-aarch64'), '-L', join(ARM64, 'arm64/root'), join(ARM64, 'node/arm64/bin/node')],
      missing: hasArm64 ? null : 'bash test/infra/boot/prepare.sh',
    },
  ];
}

/**
 * Writes a /proc/cpuinfo of an ARM processor. Under qemu it would be this machine's, in which ONNX
 * Runtime finds no ARM processor; qemu looks into its own root first.
 */
function describeArm64(): void {
  mkdirSync(join(ARM64, 'arm64/root/proc'), { recursive: true });
  writeFileSync(join(ARM64, 'arm64/root/proc/cpuinfo'), `${ARM64_CPUINFO.join('\n')}\n`);
}

function compare(expected: Float32Array, found: Float32Array, classes: number) {
  let sameTop1 = 0;
  let largestDifference = 0;
  for (let start = 0; start < expected.length; start += classes) {
    const [one, other] = [expected, found].map((logits) => logits.subarray(start, start + classes)) as [
      Float32Array,
      Float32Array,
    ];
    if (one.indexOf(Math.max(...one)) === other.indexOf(Math.max(...other))) sameTop1 += 1;
    largestDifference = one.reduce(
      (most, logit, at) => Math.max(most, Math.abs(logit - (other[at] ?? Number.NaN))),
      largestDifference,
    );
  }
  return { sameTop1, largestDifference: Number(largestDifference.toPrecision(3)) };
}
