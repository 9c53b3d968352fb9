/**
 * Measures what the hierarchy of ImageNet adds to a cold start of the tagging function: reading it,
 * opening it, and the sums of the first answer. In turns, a fresh process with the functions'
 * bundling options interprets an answer of a package without a hierarchy, of the same package with
 * one, and of one whose hierarchy is not prepared, so that it is parsed. Run it on Node 24, as
 * Lambda does:
 *
 *   test/infra/boot/cache/node/x64/bin/node --import tsx bench/hierarchy.ts
 *
 * `bash test/infra/boot/prepare.sh` gets that Node. Results: bench/results/hierarchy.json.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HIERARCHY_FILE, MANIFEST_FILE, type Manifest, PREPARED_HIERARCHY_FILE } from '../classifier/manifest.ts';
import { bundle } from '../layers/bundle.ts';
import { round } from '../models/package/round.ts';
import { ensureSamplePackage, SAMPLE_NAME } from '../models/sample/sample.ts';
import { median } from './measure.ts';
import { report } from './report.ts';

const TURNS = 60;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  const child = join(folder, 'child.mjs');
  for (const { name, contents } of await bundle({ entries: { child: 'bench/hierarchy-child.ts' }, extension: '.mjs' }))
    await writeFile(join(folder, name), contents);
  const prepared = await ensureSamplePackage(folder);
  const parsed = await copyOf(prepared, 'parsed');
  await rm(join(parsed, PREPARED_HIERARCHY_FILE));
  const none = await withoutHierarchy(await copyOf(prepared, 'none'));
  const times: Record<'prepared' | 'parsed', number[]> = { prepared: [], parsed: [] };
  // The first turn fills the caches of the disk.
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const base = interpretIn(none, child);
    const added = { prepared: interpretIn(prepared, child), parsed: interpretIn(parsed, child) };
    for (const form of ['prepared', 'parsed'] as const) {
      if (base.concepts > 0 || added[form].concepts === 0) throw new TypeError('the concepts are not as expected');
      if (turn > 0) times[form].push(added[form].cpuMs - base.cpuMs);
    }
  }
  await report(
    'hierarchy',
    Object.entries(times).map(([form, ms]) => ({
      hierarchy: form,
      turns: TURNS,
      addedCpuMs: round(median(ms), 2),
      lowestQuarterMs: round(ms.toSorted((a, b) => a - b)[Math.floor(TURNS / 4)] ?? Number.NaN, 2),
    })),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function copyOf(packageDir: string, name: string): Promise<string> {
  const copy = join(folder, name, SAMPLE_NAME);
  await cp(packageDir, copy, { recursive: true });
  return copy;
}

async function withoutHierarchy(packageDir: string): Promise<string> {
  const path = join(packageDir, MANIFEST_FILE);
  const { files, ...manifest }: Manifest = JSON.parse(await readFile(path, 'utf8'));
  const { [HIERARCHY_FILE]: _left, ...kept } = files;
  await writeFile(path, JSON.stringify({ ...manifest, files: kept }));
  return packageDir;
}

function interpretIn(packageDir: string, child: string): { readonly cpuMs: number; readonly concepts: number } {
  return JSON.parse(execFileSync(process.execPath, [child, packageDir], { encoding: 'utf8' }));
}
