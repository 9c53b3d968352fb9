import { eachAtOnce } from '../../../cli/classify-all/each-at-once.ts';

test('a list that fails in its middle is an error once the work under way has ended', async () => {
  const log: string[] = [];
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  async function* list() {
    yield 'a';
    // The work ends only after the failure: an error that did not wait for it would come first.
    setImmediate(finish);
    throw new Error('the listing failed');
  }

  await eachAtOnce(list(), 2, async (item) => {
    await finished;
    log.push(item);
  }).catch((error: Error) => log.push(error.message));

  expect(log).toEqual(['a', 'the listing failed']);
});
