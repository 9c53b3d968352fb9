import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portOf } from '../../local/listen.ts';
import { ROOT } from '../floors.ts';

const AUDIT = join(ROOT, 'scripts/audit.js');
const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

let server: Server;
/** npm keeps advisories there. */
let cache: string;
/** Severity of the one advisory, about zod; null: the registry has no such service. */
let severity: string | null;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'autoswiftnet-audit-'));
  server = createServer((request, response) => {
    const version = dependencies['zod'] ?? '';
    const packument = {
      name: 'zod',
      'dist-tags': { latest: version },
      versions: { [version]: { name: 'zod', version } },
    };
    const url = 'https://github.com/advisories/GHSA-1';
    const advisory = {
      id: severity === 'high' ? 1 : 2,
      url,
      title: 'a hole',
      severity,
      vulnerable_versions: '*',
      cwe: [],
      cvss: { score: 7 },
    };
    if (request.method === 'POST' && severity === null) response.statusCode = 405;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.method === 'POST' ? { zod: [advisory] } : packument));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(cache, { recursive: true });
});

function audit(): Promise<{ failed: boolean; output: string }> {
  const options = [AUDIT, '--registry', `http://127.0.0.1:${portOf(server)}/`];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      options,
      { cwd: ROOT, env: { ...process.env, npm_config_cache: cache } },
      (error, stdout, stderr) => {
        resolve({ failed: error !== null, output: `${stdout}${stderr}` });
      },
    );
  });
}

test.each([
  ['high', true],
  ['moderate', false],
] as const)('an advisory of severity %s about a shipped package fails: %s', async (level, failed) => {
  severity = level;

  expect(await audit()).toEqual({ failed, output: `${level}: zod *\n` });
});

test('a registry without the service is told, and does not fail', async () => {
  severity = null;

  expect(await audit()).toEqual({
    failed: false,
    output: expect.stringContaining('not audited: the registry gave no'),
  });
});
