import { PortTakenError } from '../../local/errors.ts';

test.each([
  [3000, 3010],
  [65_530, 65_520],
  [80, 3000],
])('a port that cannot be used (%i) comes with one that may be (%i)', (port, other) => {
  expect(new PortTakenError('127.0.0.1', port).message).toBe(
    `port ${port} on 127.0.0.1 is used by another program. Free that port, or choose another one, for example: npx autoswiftnet start --port ${other}`,
  );
});

test('a port that this user may not open is not reported as taken', () => {
  const cause = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });

  expect(new PortTakenError('127.0.0.1', 80, cause).message).toContain(
    'port 80 on 127.0.0.1 may not be opened by this user',
  );
});
