import { startWithFirstEvent } from '../../local/lazy-instance.ts';

const OPTIONS = {
  name: 'lazy',
  environment: { PATH: process.env['PATH'] ?? '' },
  timeoutMs: 20_000,
  onLine: () => {},
};

test('a function is not even loaded before its first event', async () => {
  const instance = startWithFirstEvent({ ...OPTIONS, handler: new URL('./broken-handler.ts', import.meta.url) });

  await expect(instance.ready()).resolves.toBeUndefined();
  await expect(instance.invoke({})).rejects.toThrow('could not be loaded');
  await instance.close(0);
});

test('it keeps its process for the next event, and closes it', async () => {
  const lines: string[] = [];
  const handler = new URL('./scripted-handler.ts', import.meta.url);
  const instance = startWithFirstEvent({ ...OPTIONS, handler, onLine: (line) => lines.push(line) });

  expect(await instance.invoke({ echo: 1 })).toMatchObject({ echo: 1 });
  await instance.ready();
  expect(await instance.invoke({ echo: 2 })).toMatchObject({ echo: 2 });
  await instance.close(0);
  await expect(instance.invoke({ echo: 3 })).rejects.toThrow();
});
