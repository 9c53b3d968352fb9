import { PassThrough } from 'node:stream';
import { confirm } from '../../../cli/backfill/confirm.ts';

afterEach(() => {
  process.exitCode = undefined;
});

/** Types it into a terminal that asks. */
async function type(keys: string) {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  const input = new PassThrough();
  const answer = confirm('Start it?', { input, output: terminal });
  input.write(keys);
  return { isYes: await answer, exitCode: process.exitCode };
}

test.each(['y\r', 'yes\r', ' Y \r'])('%j is a yes', async (keys) => {
  expect(await type(keys)).toEqual({ isYes: true, exitCode: undefined });
});

test.each([
  ['Enter', '\r', undefined],
  ['another word', 'yesterday\r', undefined],
  ['Ctrl-D', '\u0004', undefined],
  ['Ctrl-C', '\u0003', 130],
])('%s is a no', async (_, keys, exitCode) => {
  expect(await type(keys)).toEqual({ isYes: false, exitCode });
});
