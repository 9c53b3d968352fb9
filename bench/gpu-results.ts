import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { ExecutionProvider } from '../classifier/onnx-runtime.ts';

const DIGITS = 4;

/**
 * Opens the file of the results. The returned function prints a row, and writes the whole file
 * anew: whatever happens next, what was measured is on disk.
 */
export function openGpuResults<Row extends object>(
  path: string,
  provider: ExecutionProvider,
): (row: Row) => Promise<void> {
  const require = createRequire(import.meta.url);
  const rows: object[] = [];
  const facts = {
    provider,
    card: ask('nvidia-smi', '--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) },
    versions: { node: process.version, onnxruntimeNode: require('onnxruntime-node/package.json').version },
  };
  mkdirSync(dirname(path), { recursive: true });
  return async (row) => {
    rows.push(rounded(row));
    process.stdout.write(`${JSON.stringify(rows.at(-1))}\n`);
    writeFileSync(path, `${JSON.stringify({ date: new Date().toISOString(), ...facts, rows }, null, 2)}\n`);
  };
}

function rounded(row: object): object {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Returns the first line that a program prints, or null without it. */
function ask(program: string, ...args: string[]): string | null {
  try {
    return (
      execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] ?? null
    );
  } catch {
    return null;
  }
}
