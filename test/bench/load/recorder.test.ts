import { type LoadRow, summarize } from '../../../bench/load/recorder.ts';

const row = (done: number, anonymousMb: number, openFiles = 100): LoadRow => ({
  seconds: done / 10,
  done,
  perSecond: 10,
  p50Ms: 20,
  p99Ms: 30,
  errors: 0,
  processes: 3,
  residentMb: anonymousMb + 100,
  anonymousMb,
  openFiles,
});

test('memory and open files of the last tenth are compared with those of the first behind the warm-up', () => {
  const first = [row(1000, 200), row(1100, 220), row(1200, 180)];
  const between = Array.from({ length: 24 }, () => row(3000, 500));
  const last = [row(4000, 230, 140), row(4100, 250, 140), row(4200, 210, 140)];
  const rows = [row(500, 50), ...first, ...between, ...last];

  const summary = summarize(rows, [1, 2, 3, 4], 1000);

  expect(summary.early).toEqual({ residentMb: 300, anonymousMb: 200, openFiles: 100 });
  expect(summary.late).toEqual({ residentMb: 330, anonymousMb: 230, openFiles: 140 });
  expect(summary).toMatchObject({ anonymousGrowth: 1.15, residentGrowth: 1.1 });
});

test('times are those of all answers', () => {
  const times = Array.from({ length: 200 }, (_, index) => 200 - index);

  expect(summarize([row(200, 1)], times, 0)).toMatchObject({ done: 200, p50Ms: 101, p99Ms: 199, perSecond: 10 });
});
