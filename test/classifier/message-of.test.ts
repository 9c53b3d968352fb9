import { runInNewContext } from 'node:vm';
import { messageOf } from '../../classifier/message-of.ts';

test.each<[string, unknown, string]>([
  ['an error', new TypeError('no such file'), 'no such file'],
  ['an error of another realm', runInNewContext('new Error("elsewhere")'), 'elsewhere'],
  ['an error without words', new Error(''), ''],
  ['text', 'aborted', 'aborted'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an object whose message is no text', { message: 7, toString: () => 'seven' }, 'seven'],
])('%s', (_name, thrown, expected) => {
  expect(messageOf(thrown)).toBe(expected);
});
