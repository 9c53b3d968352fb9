import { createServer, type Server } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { findDeployment } from '../../../cli/deployment/find-deployment.ts';
import { listen } from '../../../local/listen.ts';
import { runCli } from '../run-cli.ts';

/** Takes connections, and never says anything. */
let silent: Server;
let url: URL;

beforeAll(async () => {
  silent = createServer((socket) => socket.on('error', () => {}).resume());
  url = new URL(`http://127.0.0.1:${await listen(silent, 0)}`);
});

afterAll(() => {
  silent.close();
});

test('an address that is silent is named, with how long was waited', async () => {
  await expect(findDeployment({ url }, { seconds: 0.1 })).rejects.toMatchObject({
    name: 'DeploymentNotFoundError',
    found: `${url.origin} gave no answer in 0.1 s`,
    cure: expect.stringContaining('npx autoswiftnet start'),
  });
});

test('an interruption is no silence', async () => {
  const interrupted = AbortSignal.abort(new Error('Ctrl-C'));

  await expect(findDeployment({ url }, { seconds: 60, interrupted })).rejects.toThrow('Ctrl-C');
});

test.each([
  ['a local stack', () => ['--url', url.href], () => `${url.origin} gave no answer in 1 s`],
  ['CloudFormation', () => ['--stack', 'Photos'], () => 'CloudFormation in us-east-1 gave no answer in 1 s'],
])('%s that is silent is a fault for the doctor', async (_what, where, found) => {
  const { code, out, err } = await runCli(['doctor', ...where(), '--timeout', '1', '--json'], {
    cwd: tmpdir(),
    variables: {
      ...{ AWS_ENDPOINT_URL_CLOUDFORMATION: url.origin, AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'reader', AWS_SECRET_ACCESS_KEY: 'secret' },
      ...{ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
    },
  });

  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(JSON.parse(out)).toMatchObject({
    isSound: false,
    checks: [{ check: 'deployment', state: 'fault', found: expect.stringContaining(found()) }],
  });
});
