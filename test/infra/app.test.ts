import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertCheckpoint } from '../../models/convert.ts';
import { SAMPLE_CHECKPOINT } from '../../models/sample/sample.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 120_000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the app as `cdk synth` does. */
function synthesize(context: Record<string, unknown>, modelsDir = join(folder, 'models')) {
  return spawnSync(process.execPath, ['--no-warnings', '--import', 'tsx', 'infra/app.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      AUTOSWIFTNET_MODELS: modelsDir,
      CDK_OUTDIR: join(folder, 'cdk.out'),
      CDK_CONTEXT_JSON: JSON.stringify(context),
    },
  });
}

test(
  'an unknown key ends the synthesis with one line that says what to change',
  () => {
    const { status, stderr, stdout } = synthesize({ colour: 'blue' });

    expect(status).toBe(1);
    expect(stderr).toMatch(/^autoswiftnet: unknown configuration key colour\. [^\n]*\.\n$/);
    expect(stdout).toBe('');
  },
  TIMEOUT_MS,
);

test(
  'too little memory for the model ends it, too',
  async () => {
    const modelsDir = join(folder, 'large');
    await convertCheckpoint({ checkpoint: SAMPLE_CHECKPOINT, out: join(modelsDir, 'mine') });
    const manifestFile = join(modelsDir, 'mine', 'model.json');
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
    manifest.files['weights.bin'].bytes = 100_000_000;
    writeFileSync(manifestFile, JSON.stringify(manifest));

    const { status, stderr } = synthesize({ model: 'mine', memoryMb: '256' }, modelsDir);

    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^autoswiftnet: memoryMb is 256, but [^\n]* needs at least 1745 MB with the largest images\. Pass -c memoryMb=1745[^\n]*\.\n$/,
    );
  },
  TIMEOUT_MS,
);
