import { Command } from 'commander';
import type { Manifest } from '../classifier/manifest.ts';
import { ZOO, type ZooModel } from '../models/zoo/zoo.ts';
import { oneLine } from './report-error.ts';
import { table } from './table.ts';

interface ListOptions {
  readonly json?: true;
}

/** One row, as `--json` prints it. Accuracies are in percent. */
interface ModelRow {
  readonly name: string;
  readonly precision: string;
  readonly parameters: number;
  readonly macs: number;
  readonly publishedTop1: number | null;
  readonly publishedTop5: number | null;
  readonly license: string | null;
  readonly onDisk: boolean;
}

type ListedModel = ModelRow & Pick<Manifest, 'measuredTop1' | 'fidelity'>;

const HEADINGS = [
  'name',
  'precision',
  'parameters',
  'GMACs',
  'published top-1',
  'measured top-1',
  'same as fp32',
  'licence',
  'on disk',
];
const ALIGN_RIGHT = [false, false, true, true, true, true, true, false, false];

export function modelsListCommand(): Command {
  return new Command('list')
    .description('list the released models and all packages on disk, with size, accuracy and licence')
    .option('--json', 'print one JSON array, and nothing else, to standard output')
    .action(async ({ json }: ListOptions) => {
      const { readSettings } = await import('./settings.ts');
      const { modelsDir } = readSettings();
      const models = await listModels(modelsDir);
      process.stdout.write(json ? `${JSON.stringify(models.map(toRow))}\n` : listing(models, modelsDir));
    });
}

async function listModels(modelsDir: string): Promise<ListedModel[]> {
  const { packagesOnDisk } = await import('./packages-on-disk.ts');
  const onDisk = await packagesOnDisk(modelsDir, ({ message }) => {
    process.stderr.write(`not listed: ${oneLine(message)}\n`);
  });
  const zooNames = new Set(ZOO.map(({ name }) => name));
  return [
    ...ZOO.map((model) => ofZoo(model, onDisk.has(model.name))),
    ...[...onDisk].filter(([name]) => !zooNames.has(name)).map(([name, manifest]) => ofPackage(name, manifest)),
  ];
}

function ofZoo(model: ZooModel, onDisk: boolean): ListedModel {
  return { ...model, precision: 'fp32', fidelity: null, onDisk };
}

function ofPackage(name: string, manifest: Manifest): ListedModel {
  return { ...manifest, name, onDisk: true };
}

function toRow(model: ListedModel): ModelRow {
  const { name, precision, parameters, macs, publishedTop1, publishedTop5, license, onDisk } = model;
  return { name, precision, parameters, macs, publishedTop1, publishedTop5, license, onDisk };
}

function listing(models: readonly ListedModel[], modelsDir: string): string {
  const rows = models.map((model) => [
    model.name,
    model.precision,
    model.parameters.toLocaleString('en'),
    (model.macs / 1e9).toFixed(2),
    percent(model.publishedTop1),
    percent(model.measuredTop1),
    model.fidelity === null ? '-' : `${(100 * model.fidelity.top1Agreement).toFixed(1)}%`,
    oneLine(model.license ?? 'not stated'),
    model.onDisk ? 'yes' : '-',
  ]);
  return `${table([HEADINGS, ...rows], ALIGN_RIGHT)}
Published and measured top-1: accuracy in percent on the ImageNet validation images, in fp32, published by the authors and measured by timm.
Same as fp32: on how many test images the package gave the same top label as the fp32 package when it was made.
On disk: in ${oneLine(modelsDir)}. To download a model: npx autoswiftnet models fetch NAME
`;
}

function percent(value: number | null): string {
  return value === null ? '-' : value.toFixed(1);
}
