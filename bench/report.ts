import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { vectorInstructions } from './vector-instructions.ts';

const onnxruntime: { version: string } = createRequire(import.meta.url)('onnxruntime-node/package.json');

/** Prints the rows of a benchmark and writes them to bench/results/NAME.json. */
export async function report(name: string, rows: readonly object[]): Promise<void> {
  console.table(rows);
  await writeResults(name, { rows });
}

export const resultsFolder = fileURLToPath(new URL('results', import.meta.url));

export interface WriteOptions {
  /** Versions of what is not always used. */
  readonly more?: Readonly<Record<string, string>>;
  /** Default: bench/results/. */
  readonly folder?: string;
}

/**
 * Writes results to NAME.json, together with the machine and the versions that were used.
 * @returns the file's path
 */
export async function writeResults(
  name: string,
  results: object,
  { more = {}, folder = resultsFolder }: WriteOptions = {},
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
  const path = join(folder, `${name}.json`);
  const date = new Date().toISOString();
  await writeFile(path, `${JSON.stringify({ date, machine, versions, ...results }, null, 2)}\n`);
  return path;
}
