import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DamagedStoreError } from '../../../../local/s3/errors.ts';
import { Sequencer } from '../../../../local/s3/store/sequencer.ts';

const HOUR_MS = 3_600_000;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'autoswiftnet-sequencer-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

test('numbers increase if the clock stops, jumps ahead or jumps back, and across crashes', () => {
  const path = join(dir, 'sequencer');
  const start = Date.now();
  const seen: string[] = [];
  for (const clock of [start, start, start + HOUR_MS, start - HOUR_MS, 0, start]) {
    const sequencer = new Sequencer(path, () => clock); // each starts as after a crash: nothing was closed
    for (let count = 0; count < 3; count += 1) seen.push(sequencer.next());
  }

  expect(seen.every((number) => /^[0-9A-F]{16}$/.test(number))).toBe(true);
  expect(new Set(seen).size).toBe(seen.length);
  expect([...seen].sort()).toEqual(seen);
});

test('a damaged file is named', () => {
  const path = join(dir, 'sequencer');
  writeFileSync(path, 'x');

  expect(() => new Sequencer(path, Date.now)).toThrow(DamagedStoreError);
});
