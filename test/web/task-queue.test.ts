import { setImmediate } from 'node:timers/promises';
import { createTaskQueue } from '../../web/task-queue.ts';

test('runs at most the given number of tasks at a time, in their order', async () => {
  const queue = createTaskQueue(2);
  const started: number[] = [];
  const finish: (() => void)[] = [];
  for (let task = 0; task < 5; task += 1) {
    queue.add(() => {
      started.push(task);
      return new Promise((resolve) => finish.push(resolve));
    });
  }

  expect(started).toEqual([0, 1]);
  finish[1]?.();
  await setImmediate();
  expect(started).toEqual([0, 1, 2]);
  finish[0]?.();
  finish[2]?.();
  await setImmediate();
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('a task that throws does not stop the others', async () => {
  const queue = createTaskQueue(1);
  const ran: string[] = [];
  queue.add(async () => {
    throw new Error('broken');
  });
  queue.add(async () => void ran.push('next'));

  await setImmediate();

  expect(ran).toEqual(['next']);
});
