import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import onnxruntime from 'onnxruntime-node/package.json' with { type: 'json' };
import sharp from 'sharp';

/** Prints a benchmark's rows and writes them to bench/results/NAME.json, beside the machine and versions that gave them. */
export async function report(name: string, rows: readonly object[]): Promise<void> {
  console.table(rows);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
  const versions = {
    node: process.version,
    onnxruntimeNode: onnxruntime.version,
    sharp: sharp.versions.sharp,
    libvips: sharp.versions.vips,
  };
  const path = fileURLToPath(new URL(`results/${name}.json`, import.meta.url));
  await writeFile(path, `${JSON.stringify({ date: new Date().toISOString(), machine, versions, rows }, null, 2)}\n`);
}

/**
 * Milliseconds of the middle one of `repeats` calls, after one that warms up.
 * @returns to a tenth
 */
export async function medianMs(repeats: number, call: () => Promise<unknown>): Promise<number> {
  await call();
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return Number((times.toSorted((a, b) => a - b)[Math.floor(repeats / 2)] ?? Number.NaN).toFixed(1));
}
