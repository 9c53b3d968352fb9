import { jest } from '@jest/globals';
import { WorkerError } from '../../../cli/classify-all/errors.ts';
import { MOST_CRASHES_IN_A_ROW, MOST_UNREAD_IN_A_ROW, Tally } from '../../../cli/classify-all/tally.ts';
import type { Outcome } from '../../../cli/classify-all/workers.ts';

const ANSWERED: Outcome = { kind: 'answered', id: 1, line: '{}\n', fault: null };
const UNREAD: Outcome = { kind: 'unread', id: 1, fault: 'denied' };
const CRASHED: Outcome = { kind: 'crashed', line: '{}\n', fault: 'ended' };

let tally: Tally;

beforeEach(() => {
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  tally = new Tally(() => null);
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

function add(outcome: Outcome, times: number): void {
  for (let time = 0; time < times; time += 1) tally.add('a.jpg', outcome);
}

test.each([
  ['unread', UNREAD, MOST_UNREAD_IN_A_ROW, '100 images in a row could not be read'],
  ['crashed', CRASHED, MOST_CRASHES_IN_A_ROW, 'at 10 images in a row'],
] as const)(
  'the run ends at so many %s images in a row, and an answer between them counts anew',
  (_, bad, most, message) => {
    add(bad, most - 1);
    add(ANSWERED, 1);
    add(bad, most - 1);

    expect(() => tally.add('a.jpg', bad)).toThrow(message);
    expect(process.exitCode).toBe(1);
  },
);

test('workers that die again and again are a fault of theirs', () => {
  expect(() => add(CRASHED, MOST_CRASHES_IN_A_ROW)).toThrow(WorkerError);
});
