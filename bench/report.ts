import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import onnxruntime from 'onnxruntime-node/package.json' with { type: 'json' };
import sharp from 'sharp';
import { vectorInstructions } from './vector-instructions.ts';

/**
 * Prints the rows of a benchmark and writes them to bench/results/NAME.json, together with the
 * machine and the versions that were used.
 */
export async function report(name: string, rows: readonly object[]): Promise<void> {
  console.table(rows);
  const machine = {
    cpu: cpus()[0]?.model,
    instructions: vectorInstructions(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
  };
  const versions = {
    node: process.version,
    onnxruntimeNode: onnxruntime.version,
    sharp: sharp.versions.sharp,
    libvips: sharp.versions.vips,
  };
  const path = fileURLToPath(new URL(`results/${name}.json`, import.meta.url));
  await writeFile(path, `${JSON.stringify({ date: new Date().toISOString(), machine, versions, rows }, null, 2)}\n`);
}
