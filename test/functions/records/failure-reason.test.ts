import { ImageTooLargeError } from '../../../classifier/errors.ts';
import { toFailureReason } from '../../../functions/records/failure-reason.ts';

test('an error of ours keeps its code and message', () => {
  expect(toFailureReason(new ImageTooLargeError('too large'))).toEqual({
    code: 'image-too-large',
    message: 'too large',
  });
});

test.each([
  [new TypeError('no kernel'), 'TypeError: no kernel'],
  ['aborted', 'aborted'],
  [{ message: 'from another realm' }, 'from another realm'],
  [undefined, 'undefined'],
])('anything else that was thrown (%p) is internal', (thrown, message) => {
  expect(toFailureReason(thrown)).toEqual({ code: 'internal', message });
});

test('a long message is cut', () => {
  expect(toFailureReason(new Error('x'.repeat(5000))).message).toHaveLength(1000);
});
