import { readFileSync } from 'node:fs';
import { askHeicThread } from '../../../../classifier/decode/heif/heic-decoder.ts';
import type { HeicRequest } from '../../../../classifier/decode/heif/heic-protocol.ts';

const FILE = readFileSync(new URL('../../../fixtures/heic/whole.heic', import.meta.url));
const REQUEST: HeicRequest = { file: FILE, alpha: false, range: 'full', profile: undefined };

test('the event loop goes on while a picture is decoded', async () => {
  let turns = 0;
  const count = setInterval(() => {
    turns += 1;
  }, 1);

  await Promise.all(Array.from({ length: 5 }, () => askHeicThread(REQUEST)));

  clearInterval(count);
  expect(turns).toBeGreaterThan(3);
});

test('after a file that libheif refuses, the same thread goes on', async () => {
  const refused = await askHeicThread({ ...REQUEST, file: FILE.subarray(0, 100) });

  expect(refused).toMatchObject({ kind: 'refused', code: 2 });
  expect(await askHeicThread(REQUEST)).toMatchObject({ kind: 'decoded' });
});

test('after a thread that died another one goes on, and requests that wait get their own answers', async () => {
  const broken = { ...REQUEST, file: null as unknown as Uint8Array };

  const outcomes = await Promise.allSettled([broken, REQUEST, broken, REQUEST].map(askHeicThread));

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
});
