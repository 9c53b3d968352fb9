import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { forwardLines } from '../../../../functions/gpu-worker/handlers/forward-lines.ts';

test('whole lines of two processes never end up inside each other, and a last line without an end gets one', async () => {
  const [first, second, to] = [new PassThrough(), new PassThrough(), new PassThrough()];
  forwardLines(first, to);
  forwardLines(second, to);
  const steps: [PassThrough, string][] = [
    [first, 'a1\na'],
    [second, 'b1'],
    [first, '2'],
    [second, '\nb2\nb'],
    [first, '\n'],
    [second, '3'],
  ];
  for (const [stream, text] of steps) {
    stream.write(text);
    await new Promise(setImmediate);
  }
  first.end();
  second.end();
  await Promise.all([finished(first), finished(second)]);

  expect(String(to.read())).toBe('a1\nb1\nb2\na2\nb3\n');
});
