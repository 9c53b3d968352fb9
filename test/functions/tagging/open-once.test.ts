import { openOnce } from '../../../functions/tagging/open-once.ts';

test('all share one opening', async () => {
  let opened = 0;
  const open = openOnce(async () => ++opened);

  expect(await Promise.all([open(), open()])).toEqual([1, 1]);
  expect(await open()).toBe(1);
});

test('a failed opening is tried again by the next who asks', async () => {
  let attempts = 0;
  const open = openOnce(async () => {
    attempts += 1;
    if (attempts === 1) throw new TypeError('not yet');
    return attempts;
  });

  await expect(Promise.all([open(), open()])).rejects.toThrow('not yet');
  expect(await open()).toBe(2);
});
