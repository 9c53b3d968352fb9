/**
 * Measures the memory and time of `select` on generated answers: a thousand classes, ten
 * predictions an image, one image in ten under two names, scores with ties. Each class keeps the
 * paper's share: 16,000 of a billion images.
 *
 *   node --import tsx bench/select.ts [LINES] [PER_CLASS]
 *
 * Linux only. Results: bench/results/select.json.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mulberry32 } from '../classifier/mulberry32.ts';
import { IMAGENET_LABELS } from '../models/labels/labels.ts';
import { report } from './report.ts';

const lines = Number(process.argv[2] ?? 10_000_000);
const perClass = Number(process.argv[3] ?? 160);
const PER_IMAGE = 10;
const PREDICTIONS = 10;
const BATCH = 500;
const READ_INTERVAL_MS = 500;
const LIMIT_MB = 200;

const labels: { label: string; wnid: string }[] = JSON.parse(readFileSync(IMAGENET_LABELS, 'utf8'));
const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-select-'));
try {
  const out = join(folder, 'manifest.jsonl');
  const command = fileURLToPath(new URL('../cli/autoswiftnet.js', import.meta.url));
  const sizes = ['--per-class', `${perClass}`, '--per-image', `${PER_IMAGE}`];
  const child = spawn(process.execPath, [command, 'select', '-', ...sizes, '--out', out, '--json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => printed.push(piece));
  let peakMb = 0;
  let processorSeconds = 0;
  const reading = setInterval(() => {
    peakMb = Math.max(peakMb, peakMemoryMb(child.pid));
    processorSeconds = Math.max(processorSeconds, processorTime(child.pid));
  }, READ_INTERVAL_MS);
  let inputBytes = 0;
  for (let begin = 0; begin < lines; begin += BATCH) {
    const text = answers(begin, Math.min(BATCH, lines - begin));
    inputBytes += Buffer.byteLength(text);
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = await once(child, 'close');
  clearInterval(reading);
  const { selected, classes } = JSON.parse(Buffer.concat(printed).toString());
  const row = {
    lines,
    inputGb: Number((inputBytes / 1e9).toFixed(1)),
    classes: classes.length,
    perClass,
    perImage: PER_IMAGE,
    selected,
    manifestMb: Math.round((await stat(out)).size / 1e6),
    peakMb,
    processorSeconds: Math.round(processorSeconds),
  };
  await report('select', [row]);
  if (code !== 0 || !(peakMb < LIMIT_MB)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

/** Makes lines as `classify --output --top 10` writes them. */
function answers(begin: number, count: number): string {
  let text = '';
  for (let image = begin; image < begin + count; image += 1) {
    // One image in ten has the content of the one before it.
    const content = image % 10 === 9 ? image - 1 : image;
    const random = mulberry32(content);
    const first = random() % labels.length;
    // The ten classes differ: nine steps are less than all classes.
    const step = 1 + (random() % 100);
    let rest = 1;
    const predictions = Array.from({ length: PREDICTIONS }, (_, place) => {
      const index = (first + place * step) % labels.length;
      // Three digits make ties.
      const probability = rest * (Math.round((random() / 2 ** 32) * 1000) / 1000);
      rest -= probability;
      return { rank: place + 1, ...labels[index], index, probability };
    });
    text += `${JSON.stringify({
      file: `s3://photographs/2026/${String(image % 997).padStart(3, '0')}/${String(image).padStart(9, '0')}.jpg`,
      sha256: createHash('sha256').update(String(content)).digest('hex'),
      model: 'resnext101_32x16d_swsl',
      predictions,
      concept: null,
      concepts: [],
      image: { width: 4000, height: 3000, format: 'jpeg', bytes: 3_456_789 },
      timings: { decode: 21.25, run: 77.5, total: 98.75 },
    })}\n`;
  }
  return text;
}

/** The most memory that the process has had in its life. */
function peakMemoryMb(pid: number | undefined): number {
  const status = readOrNothing(`/proc/${pid}/status`);
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000);
}

/** Processor time in seconds, of all threads. */
function processorTime(pid: number | undefined): number {
  const [, , , , , , , , , , , user, system] = readOrNothing(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '0 ')
    .split(' ');
  return (Number(user ?? 0) + Number(system ?? 0)) / 100;
}

/** The process may have ended since. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
