import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDb } from '../../local/dynamodb.ts';

const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const ofClassicLevel = createRequire(createRequire(ofDynalite.resolve('level')).resolve('classic-level'));
const binding: { db_open: (...values: unknown[]) => unknown } = ofClassicLevel('./binding');

test('LevelDB gets small caches, however often a database is opened', async () => {
  const opened: unknown[] = [];
  const open = binding.db_open;
  binding.db_open = (context, location, options) => {
    opened.push(options);
    return open(context, location, options);
  };
  const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-caches-'));
  try {
    for (const name of ['one', 'two']) await (await startDynamoDb({ dataDir: join(folder, name) })).close();

    const small = expect.objectContaining({ cacheSize: 262_144, writeBufferSize: 1_048_576 });
    expect(opened).toEqual([small, small]);
  } finally {
    binding.db_open = open;
    await rm(folder, { recursive: true, force: true });
  }
});
