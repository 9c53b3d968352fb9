import { jest } from '@jest/globals';
import { CountBar, LINE_INTERVAL_MS, ProgressBar, RateBar } from '../../cli/progress-bar.ts';
import { StepProgress } from '../../cli/step-progress.ts';

const written: string[] = [];
const screen = { isTTY: false, write: (text: string) => written.push(text) > 0 };

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  written.length = 0;
});

afterEach(() => jest.useRealTimers());

test('without a terminal a download writes a line every five seconds, however often data arrives', () => {
  const bar = new ProgressBar('resnet50', screen);
  for (let second = 1; second <= 12; second += 0.5) {
    jest.advanceTimersByTime(500);
    bar.update({ receivedBytes: second * 1_000_000, totalBytes: 12_000_000 });
  }
  bar.stop();

  expect(LINE_INTERVAL_MS).toBe(5_000);
  expect(written).toEqual(['resnet50: 5.5 MB of 12 MB\n', 'resnet50: 11 MB of 12 MB\n']);
});

test('a total that the server does not tell is left out', () => {
  const bar = new ProgressBar('a\nb', screen);
  jest.advanceTimersByTime(LINE_INTERVAL_MS);
  bar.update({ receivedBytes: 3_000_000, totalBytes: null });

  expect(written).toEqual(['a b: 3.0 MB\n']);
});

test('a count that ends within five seconds writes nothing, and a longer one a line', () => {
  const bar = new CountBar('sample', 'images', screen);
  bar.update(1, 400);
  jest.advanceTimersByTime(LINE_INTERVAL_MS - 1);
  bar.update(2, 400);
  expect(written).toEqual([]);

  jest.advanceTimersByTime(1);
  bar.update(3, 400);
  expect(written).toEqual(['sample: 3 of 400 images\n']);
});

test('long work tells its rate from its own start, and the time left once the total is known', () => {
  const bar = new RateBar('classify', 'images', screen);
  jest.advanceTimersByTime(LINE_INTERVAL_MS);
  bar.update({ done: 100, before: 7, total: null });
  for (const total of [2_407, 160_307, 100_000_307]) {
    jest.advanceTimersByTime(LINE_INTERVAL_MS);
    bar.update({ done: 300, before: 7, total, ...(total > 1_000_000 && { note: '2 failed' }) });
    jest.setSystemTime(0);
  }

  expect(written[0]).toBe('classify: 107 images, 20.0 per second\n');
  expect(written[1]).toBe('classify: 307 of 2407 images, 30.0 per second, 1 min 10 s left\n');
  expect(written[2]).toBe('classify: 307 of 160307 images, 20.0 per second, 2 h 13 min left\n');
  expect(written[3]).toMatch(/^classify: 307 of 100000307 images, 15\.0 per second, 77 days \d+ h left, 2 failed\n$/);
});

test('each step of a work writes a line at its start', () => {
  const progress = new StepProgress('sample.int8', screen);
  for (const step of ['drawing', 'comparing']) {
    for (let done = 1; done <= 3; done += 1) progress.update(step, done, 3);
  }
  progress.stop();

  expect(written).toEqual(['sample.int8: drawing, 3 images\n', 'sample.int8: comparing, 3 images\n']);
});
