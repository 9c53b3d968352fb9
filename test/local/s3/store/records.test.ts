import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DamagedStoreError } from '../../../../local/s3/errors.ts';
import type { ObjectVersion } from '../../../../local/s3/store/object-version.ts';
import { hashKey, Records } from '../../../../local/s3/store/records.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'autoswiftnet-records-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

function openRecords(maxRecent?: number): Promise<Records> {
  return Records.open(dir, () => {}, maxRecent);
}

function versionOf(eTag: string): ObjectVersion {
  return {
    segments: [],
    size: 0,
    eTag,
    checksums: {},
    headers: {},
    tags: [],
    versionId: 'null',
    sequencer: '0000000000000001',
    lastModified: 0,
    deleteMarker: false,
  };
}

function pathOf(key: string): string {
  const hash = hashKey(key);
  return join(dir, hash.slice(0, 2), `${hash}.json`);
}

test('a record that was not used lately leaves the memory, and is read again', async () => {
  const records = await openRecords(2);
  for (const key of ['a', 'b', 'c']) await records.replace(key, [versionOf(key)]);
  const changed = JSON.stringify({ key: 'a', versions: [versionOf('changed')] });
  await writeFile(pathOf('a'), changed);
  await writeFile(pathOf('c'), changed);

  expect(records.get('a')).toEqual([versionOf('changed')]);
  expect(records.get('c')).toEqual([versionOf('c')]);
  // 'b' was used before 'c' and 'a', and left for 'a'.
  await writeFile(pathOf('b'), 'damaged');
  expect(() => records.get('b')).toThrow(DamagedStoreError);
});

test('an unknown key, and one whose file has just been removed, have no versions', async () => {
  const records = await openRecords(1);
  await records.replace('a', [versionOf('a')]);
  await records.replace('b', [versionOf('b')]);
  await rm(pathOf('a'));

  expect(records.get('a')).toEqual([]);
  expect(records.get('c')).toEqual([]);
  await records.replace('b', []);
  expect(records.get('b')).toEqual([]);
  expect(records.keys.snapshot()).toEqual(['a']);
});

test('it knows which keys have old versions, also when opened again', async () => {
  const records = await openRecords();
  await records.replace('one', [versionOf('1')]);
  for (const key of ['two', 'cleared', 'gone']) await records.replace(key, [versionOf('2'), versionOf('1')]);
  await records.replace('cleared', [versionOf('2')]);
  await records.replace('gone', []);

  expect(records.replacedKeys()).toEqual(['two']);
  expect((await openRecords()).replacedKeys()).toEqual(['two']);
});

test('opened again, it knows every key, tells of each record, and has deleted incomplete files', async () => {
  const first = await openRecords();
  for (const key of ['b', 'a']) await first.replace(key, [versionOf(key)]);
  await writeFile(`${pathOf('a')}.00000000.tmp`, '{');
  const told: string[] = [];

  const second = await Records.open(dir, ([version]) => told.push(version?.eTag ?? ''));

  expect(second.keys.snapshot()).toEqual(['a', 'b']);
  expect(told.sort()).toEqual(['a', 'b']);
  expect(second.get('b')).toEqual([versionOf('b')]);
  expect((await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
