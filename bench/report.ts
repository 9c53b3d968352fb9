import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import onnxruntime from 'onnxruntime-node/package.json' with { type: 'json' };
import sharp from 'sharp';
import { vectorInstructions } from './vector-instructions.ts';

/** Prints the rows of a benchmark and writes them to bench/results/NAME.json. */
export async function report(name: string, rows: readonly object[]): Promise<void> {
  console.table(rows);
  await writeResults(name, { rows });
}

/**
 * Writes results to bench/results/NAME.json, together with the machine and the versions that were
 * used.
 * @param more versions of what is not always used
 * @returns the file's path
 */
export async function writeResults(
  name: string,
  results: object,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
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
    ...more,
  };
  const path = fileURLToPath(new URL(`results/${name}.json`, import.meta.url));
  const date = new Date().toISOString();
  await writeFile(path, `${JSON.stringify({ date, machine, versions, ...results }, null, 2)}\n`);
  return path;
}
