import { together } from '../../../functions/side-by-side/together.ts';

test('results come in the order of the calls', async () => {
  const slow = new Promise<string>((resolve) => {
    setImmediate(() => resolve('slow'));
  });

  expect(await together(slow, Promise.resolve(1))).toEqual(['slow', 1]);
});

test('a failure is thrown when the other calls have ended', async () => {
  let hasEnded = false;
  const slow = new Promise<void>((resolve) => {
    setImmediate(() => {
      hasEnded = true;
      resolve();
    });
  });

  await expect(together(Promise.reject(new Error('broken')), slow)).rejects.toThrow('broken');
  expect(hasEnded).toBe(true);
});
