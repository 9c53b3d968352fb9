import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from '../../local/listen.ts';
import { jsonLines, ROOT, type RunOptions, runCli } from './run-cli.ts';

const ACORN = join(ROOT, 'models/sample/images/acorn-1.jpg');
const PIZZA = join(ROOT, 'models/sample/images/pizza-2.jpg');

let folder: string;
let modelsDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-cli-'));
  modelsDir = join(folder, 'models');
  await writeFile(join(folder, 'text.jpg'), 'no picture');
  await mkdir(join(folder, 'empty'));
});

afterAll(() => rm(folder, { recursive: true }));

function run(args: readonly string[], options: Omit<RunOptions, 'cwd'> = {}) {
  return runCli(args, { cwd: folder, ...options });
}

describe('classify', () => {
  test('--json prints one line per input, in order, and nothing else to standard output; failed inputs are named', async () => {
    const { code, out, err } = await run(
      ['classify', '--json', '--top', '2', PIZZA, 'none.jpg', 'text.jpg', 'empty', '-'],
      {
        input: await readFile(ACORN),
      },
    );

    expect(code).toBe(1);
    expect(jsonLines(out)).toEqual([
      {
        file: PIZZA,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        model: 'sample',
        knows: { pictures: 'drawings', things: 32 },
        predictions: [
          { rank: 1, label: 'pizza', wnid: 'n07873807', index: 963, probability: expect.closeTo(0.74, 1) },
          expect.objectContaining({ rank: 2 }),
        ],
        concept: null,
        concepts: expect.arrayContaining([{ id: 'n07873807', label: 'pizza', probability: expect.closeTo(0.74, 1) }]),
        image: { width: 400, height: 300, format: 'jpeg', bytes: expect.any(Number) },
        timings: { decode: expect.any(Number), run: expect.any(Number), total: expect.any(Number) },
      },
      { file: 'none.jpg', error: { code: 'unreadable-file', message: expect.any(String) } },
      { file: 'text.jpg', error: { code: 'not-an-image', message: expect.any(String) } },
      { file: 'empty', error: { code: 'no-images', message: 'the folder has no images in it' } },
      expect.objectContaining({
        file: '-',
        predictions: [expect.objectContaining({ label: 'acorn' }), expect.anything()],
      }),
    ]);
    expect(err).toMatch(/using the sample model.*AUTOSWIFTNET_OFFLINE=1/);
    expect(err).toMatch(/^none\.jpg: .*\ntext\.jpg: .*\nempty: /m);
  });

  test('without an image that can be read, no model is looked for', async () => {
    const { code, out, err } = await run(['classify', 'none.jpg'], { variables: { AUTOSWIFTNET_OFFLINE: '' } });

    expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'none.jpg: cannot be read: it does not exist\n' });
  });

  test('a folder stands for the images in it; what is left out is counted, and damaged ones are not to be uploaded again', async () => {
    const photos = join(folder, 'photos');
    await mkdir(join(photos, 'sub'), { recursive: true });
    const acorn = await readFile(ACORN);
    await writeFile(join(photos, 'b.jpg'), acorn.subarray(0, acorn.length / 2));
    await writeFile(join(photos, 'sub/no ending'), acorn);
    await writeFile(join(photos, 'notes.txt'), 'no picture');

    const { code, out, err } = await run(['classify', '--json', '--model', 'sample', 'photos', PIZZA]);

    expect(code).toBe(1);
    expect(jsonLines(out)).toEqual([
      { file: 'photos/b.jpg', error: { code: 'truncated-image', message: expect.not.stringMatching(/upload/i) } },
      expect.objectContaining({ file: 'photos/sub/no ending', model: 'sample' }),
      expect.objectContaining({ file: PIZZA, model: 'sample', knows: { pictures: 'drawings', things: 32 } }),
    ]);
    expect(err).toMatch(/^photos\/b\.jpg: .*\nphotos: left out 1 file that is not an image \(1 \.txt\)\n$/m);
  });

  test('text output has five labels, and the exit code is 0', async () => {
    const { code, out, err } = await run(['classify', ACORN, '--model', 'sample']);

    expect(code).toBe(0);
    expect(err).toBe(
      'the model sample knows 32 drawn things, and no photographs: what it says about a photograph means nothing\n',
    );
    expect(out).toMatch(/acorn-1\.jpg {2}\(\d+ x \d+ jpeg; sample, \d+ ms\)\n {2}7\d\.\d% {2}acorn\n(.*%.*\n){4}$/);
  });

  test('ends quietly when the reader closes the pipe, with the exit code that other programs have', async () => {
    const { code, out, err } = await run(
      ['classify', '--model', 'sample', ...Array.from({ length: 200 }, () => ACORN)],
      {
        onOutput: (child) => child.stdout?.destroy(),
      },
    );

    expect(code).toBe(141);
    expect(out).toContain('acorn');
    expect(err).toMatch(/^the model sample knows .*\n$/);
  });

  test('a model that cannot be opened is one line on standard error', async () => {
    await cp(join(ROOT, 'models/sample/images'), join(modelsDir, 'broken'), { recursive: true });
    await writeFile(join(modelsDir, 'broken/model.json'), '{}');

    const { code, out, err } = await run(['classify', '--json', ACORN], {
      variables: { AUTOSWIFTNET_MODEL: 'broken' },
    });

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^autoswiftnet: model package \S*broken cannot be used: .*\n$/);
  });
});

describe('models', () => {
  test('list --json: the twelve released models with exactly the promised fields', async () => {
    const { code, out, err } = await run(['models', 'list', '--json'], { variables: { AUTOSWIFTNET_MODELS: '/none' } });

    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [models] = jsonLines(out);
    expect(models).toHaveLength(12);
    expect(models).toContainEqual({
      name: 'resnet50_swsl',
      precision: 'fp32',
      parameters: 25_557_032,
      macs: 4_089_184_256,
      publishedTop1: 81.2,
      publishedTop5: 96,
      license: 'CC BY-NC 4.0',
      onDisk: false,
    });
  });

  test('a package is converted, listed and verified; a changed file is named', async () => {
    const own = join(modelsDir, 'own');
    expect(
      await run(['models', 'convert', join(ROOT, 'models/sample/sample.pth'), '--out', own, '--name', 'own']),
    ).toEqual({
      code: 0,
      out: `${own}: own, resnet, 1000 classes, 831,096 parameters, 0.14 GMACs\n`,
      err: '',
    });
    const [listed, sound] = await Promise.all([run(['models', 'list']), run(['models', 'verify', own, '--json'])]);
    expect(listed.out).toMatch(/^own +fp32 +831,096 +0\.14 +- +- +- +not stated +yes$/m);
    expect(jsonLines(sound.out)).toEqual([
      {
        package: own,
        ok: true,
        faults: [],
        selfTest: { maxDifference: expect.any(Number), tolerance: expect.any(Number) },
      },
    ]);

    await appendFile(join(own, 'weights.bin'), 'x');
    const [again, damaged] = await Promise.all([
      run(['models', 'convert', join(ROOT, 'models/sample/sample.pth'), '--out', own]),
      run(['models', 'verify', own, '--json']),
    ]);

    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--force') });
    expect(damaged.code).toBe(1);
    expect(jsonLines(damaged.out)).toMatchObject([
      { ok: false, faults: [{ message: expect.stringContaining('weights.bin') }] },
    ]);
    expect(damaged.err).toMatch(
      /own: file-size: weights\.bin has .*\n.*own: the self-test was not run, because of these faults\n.*own: Fetch or convert it again .*\n$/,
    );
  });

  test('a package whose folder was renamed is an error for every command, and says what to do', async () => {
    const [own, renamed] = [join(modelsDir, 'renamed-own'), join(modelsDir, 'renamed')];
    const converted = await run(['models', 'convert', join(ROOT, 'models/sample/sample.pth'), '--out', own]);
    await rename(own, renamed);

    const [listed, verified, byName, byPath] = await Promise.all([
      run(['models', 'list']),
      run(['models', 'verify', renamed, '--json']),
      run(['classify', ACORN, '--model', 'renamed']),
      run(['classify', ACORN, '--model', renamed]),
    ]);
    await rm(renamed, { recursive: true });

    const fault = 'the folder is named renamed, but it holds the package renamed-own';
    const cure = 'Rename the folder back, or make the package again in a folder of the wanted name.';
    expect(converted.out).toMatch(/renamed-own: renamed-own, resnet/);
    expect(listed.out).not.toMatch(/^renamed/m);
    expect(listed.err.split('\n')).toContain(`not listed: model package ${renamed} cannot be used: ${fault}. ${cure}`);
    expect({ code: verified.code, err: verified.err }).toEqual({
      code: 1,
      err: `${renamed}: renamed-folder: ${fault}\n${renamed}: ${cure}\n`,
    });
    expect(jsonLines(verified.out)).toMatchObject([
      { ok: false, faults: [{ code: 'renamed-folder', message: fault }] },
    ]);
    for (const { code, out, err } of [byName, byPath]) {
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain(`${fault}. ${cure}`);
    }
  });

  test('a package is quantized, listed, verified, and evaluated on labelled images', async () => {
    const [fp32, int8] = [join(modelsDir, 'sample'), join(modelsDir, 'sample.int8')];
    await run(['classify', ACORN, '--model', 'sample']);
    const labelled = join(folder, 'labelled');
    await mkdir(join(labelled, 'n12267677'), { recursive: true });
    await mkdir(join(labelled, 'pizza'));
    await cp(ACORN, join(labelled, 'n12267677/1.jpg'));
    await cp(PIZZA, join(labelled, 'pizza/1.jpg'));
    await writeFile(join(labelled, 'pizza/2.jpg'), 'no picture');

    const made = await run(['models', 'quantize', fp32, '--out', int8]);
    const [listed, verified, evaluated] = await Promise.all([
      run(['models', 'list']),
      run(['models', 'verify', int8]),
      run(['evaluate', labelled, '--model', 'sample.int8', '--json']),
    ]);

    expect(made).toEqual({
      code: 0,
      out: expect.stringMatching(
        /sample\.int8: sample\.int8, same top label as fp32 on \d+\.\d% of 96 images \(generated\)/,
      ),
      err: 'sample.int8: drawing images, 96 images\nsample.int8: comparing with fp32, 96 images\n',
    });
    expect(listed.out).toMatch(/^sample\.int8 +int8 +831,096 +0\.14 +- +- +\d+\.\d% +Apache-2\.0 +yes$/m);
    expect(verified.out).toMatch(/valid.*\nint8: same top label as fp32 on .* calibrated by batch norms\n$/);
    expect(evaluated).toMatchObject({
      code: 1,
      err: expect.stringMatching(/pizza\/2\.jpg: unsupported file type; .* Use a JPEG/),
    });
    expect(jsonLines(evaluated.out)).toEqual([
      {
        model: 'sample.int8',
        images: 2,
        failed: 1,
        top1: 100,
        top5: 100,
        imagesPerSecond: expect.any(Number),
        concepts: [0.5, 0.8, 0.95].map((threshold) => expect.objectContaining({ threshold })),
        publishedTop1: null,
        publishedTop5: null,
      },
    ]);
  });

  test('fetch all names every failure and shows the licence once', async () => {
    const { code, out, err } = await run(['models', 'fetch', 'all', '--source', folder]);

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.match(/CC BY-NC 4\.0/g)).toHaveLength(1);
    expect(err.match(/^resnex?t\d+\w*_s?w?sl: --source has no file/gm)).toHaveLength(12);
  });
});

test('the last line of a failed download names --source', async () => {
  const refusing = createServer((_request, response) => response.writeHead(404).end());
  const url = `http://127.0.0.1:${await listen(refusing, 0)}`;

  const { code, out, err } = await run(['models', 'fetch', 'resnet18_ssl', 'resnet18_swsl', '--source', url]);
  refusing.close();

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err.match(/the server answered 404/g)).toHaveLength(2);
  expect(err).toMatch(/\nA download failed\. Check --source, .*--source URL\|DIR\n$/);
});

describe('wrong use exits with 2, prints nothing to standard output, and gives one explanation', () => {
  test.each<[string[], RegExp, Record<string, string>?]>([
    [['classify'], /missing required argument 'file'/],
    [['classify', '--top', '0', 'x'], /Use a whole number from 1 to 999999/],
    [['classify', 's3://bucket/x'], /s3:\/\/bucket\/x needs --output FILE/],
    [['classify', 'x', '--output', 'y', '--json'], /'--output <file>' cannot be used with option '--json'/],
    [['models', 'fetch', 'resnet50_swsl', 'resnet49'], /no released model 'resnet49'.*resnet18_ssl/],
    [['models', 'fetch', 'resnet50_swsl', '--precision', 'int4'], /Allowed choices are fp32, int8, fp16/],
    [['models', 'quantize', 'x'], /required option '--out <package>' not specified/],
    [['evaluate', 'x'], /required option '--model <name\|package>' not specified/],
    [['models', 'fetch', 'resnet50_swsl'], /AUTOSWIFTNET_OFFLINE=1 forbids/],
    [['models', 'list'], /AUTOSWIFTNET_OFFLINE: expected 0 or 1, found "yes"/, { AUTOSWIFTNET_OFFLINE: 'yes' }],
    [['help', 'models', 'fetsch'], /unknown command 'models fetsch'/],
    // Settings are checked before the package is looked at, and those of functions before a model is chosen.
    [['models', 'verify', 'x'], /AUTOSWIFTNET_MODEL: expected the name/, { AUTOSWIFTNET_MODEL: 'a/b' }],
    [['start', '--model', 'x'], /AUTOSWIFTNET_TAG_LABELS: .* found "9"/, { AUTOSWIFTNET_TAG_LABELS: '9' }],
    [
      ['start', '--model', 'x'],
      /AUTOSWIFTNET_OIDC_CLIENT_ID is not/,
      { AUTOSWIFTNET_OIDC_ISSUER: 'https://x.example' },
    ],
  ])('%j', async (args, message, variables = {}) => {
    const { code, out, err } = await run(args, { variables });

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^ {4}at /m);
  });
});

test('--help lists every command, and help shows that of a command at any depth', async () => {
  const [help, models, fetch, deep] = await Promise.all([
    run(['--help']),
    run(['models', '--help']),
    run(['models', 'fetch', '--help']),
    run(['help', 'models', 'fetch']),
  ]);

  for (const command of ['start', 'classify', 'evaluate', 'models', 'help'])
    expect(help.out).toMatch(new RegExp(`^ {2}${command}`, 'm'));
  for (const command of ['list', 'fetch', 'convert', 'quantize', 'verify'])
    expect(models.out).toMatch(new RegExp(`^ {2}${command}`, 'm'));
  expect(deep).toEqual({ code: 0, out: fetch.out, err: '' });
  expect(deep.out).toContain('--precision');
});

test('start names a data folder in use before it looks for a model', async () => {
  const data = join(folder, 'data');
  await mkdir(data);
  await writeFile(join(data, 'lock'), JSON.stringify({ pid: process.pid, started: null }));

  const { code, out, err } = await run(['start', '--data', data, '--model', 'none']);

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^autoswiftnet: the data folder \S*data is used by another local stack \(process \d+\)\. Stop/);
});

test.each(['--version', '-V'])(
  '%s needs nothing but package.json and two small files, so it is fast',
  async (option) => {
    const alone = join(folder, `alone${option}`);
    for (const file of ['package.json', 'cli/autoswiftnet.js', 'cli/print-version.js'])
      await cp(join(ROOT, file), join(alone, file));

    const { stdout } = await promisify(execFile)(process.execPath, [join(alone, 'cli/autoswiftnet.js'), option]);

    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(stdout).toBe(`${version}\n`);
  },
);

test('a clone runs its sources as the package runs what was compiled', async () => {
  const args = ['classify', '--json', '--model', 'sample', ACORN, 'none.jpg'];
  const [clone, published] = await Promise.all([run(args, { isClone: true }), run(args)]);
  const untimed = ({ out }: { out: string }) => out.replace(/"timings":\{[^}]*\}/, '');

  expect(clone.code).toBe(1);
  expect({ ...clone, out: untimed(clone) }).toEqual({ ...published, out: untimed(published) });
});

test('variables that have no effect are named on standard error, and the command goes on', async () => {
  const [list, start] = await Promise.all([
    run(['models', 'list', '--json'], { variables: { AUTOSWIFTNET_MODELS: '/none', AUTOSWIFTNET_OFLINE: '1' } }),
    run(['start', '--model', 'none'], { variables: { AUTOSWIFTNET_HEAVY_PACKAGES: '{}' } }),
  ]);

  expect({ code: list.code, models: jsonLines(list.out)[0] }).toEqual({ code: 0, models: expect.anything() });
  expect(list.err).toBe(
    'warning: there is no setting AUTOSWIFTNET_OFLINE, so it has no effect. Did you mean AUTOSWIFTNET_OFFLINE?\n',
  );
  expect(start.out).toMatch(/^warning: start ignores AUTOSWIFTNET_HEAVY_PACKAGES: it has its own value/);
});

test('an interrupted command exits with 130, says nothing, and keeps the answers so far', async () => {
  const { code, out, err } = await run(
    ['classify', '--json', '--model', 'sample', ...Array.from({ length: 2000 }, () => ACORN)],
    { onOutput: (child) => child.kill('SIGINT') },
  );

  expect({ code, err: err.replace(/^saved the sample model .*\n/, '') }).toEqual({ code: 130, err: '' });
  const entries = jsonLines(out);
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.length).toBeLessThan(2000);
  expect(entries).toContainEqual(expect.objectContaining({ file: ACORN, model: 'sample' }));
});
