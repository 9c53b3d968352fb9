import { readFileSync } from 'node:fs';
import { markdownTable } from './markdown-table.ts';

/** A row of bench/results/precision-*.json. Times are milliseconds of processor time. */
interface PrecisionRow {
  readonly network: string;
  readonly precision: 'fp32' | 'int8';
  readonly way: string;
  readonly megabytes: number;
  readonly runCpuMs: number;
  readonly residentMb: number;
}

/** The measured machines, by what the results call their processors. */
const MACHINES = [
  { file: 'precision-avx2', name: 'AMD EPYC with AVX2', short: 'AMD' },
  { file: 'precision-amx_int8', name: 'Intel Xeon with VNNI and AMX', short: 'Intel' },
] as const;

const NETWORKS = { resnet50: 'ResNet-50', resnext101_32x8d: 'ResNeXt-101 32x8d' } as const;
type Network = keyof typeof NETWORKS;
type Precision = PrecisionRow['precision'];

/** The way in which the product opens sessions. */
const AS_SERVED = 'all';

/** Makes the table of int8 beside fp32, and the sentence about how many times as fast it is. */
export function precisionTable(): string {
  const machines = MACHINES.map((machine) => ({ ...machine, rows: readRows(machine.file) }));
  const table = (Object.keys(NETWORKS) as Network[]).flatMap((network) => {
    const line = (title: string, cell: (precision: Precision) => string) => [title, cell('fp32'), cell('int8')];
    const memory = (precision: Precision) =>
      machines.map(({ rows }) => Math.round(find(rows, network, precision).residentMb)).join('; ');
    const file = (precision: Precision) => find(machines[0]?.rows ?? [], network, precision).megabytes;
    return [
      line(`${NETWORKS[network]}: file`, (precision) => `${Math.round(file(precision))} MB`),
      ...machines.map(({ name, rows }) =>
        line(
          `processor time of a run, ${name}`,
          (precision) => `${Math.round(find(rows, network, precision).runCpuMs)} ms`,
        ),
      ),
      line(
        `resident memory: ${MACHINES.map(({ short }) => short).join('; ')}`,
        (precision) => `${memory(precision)} MB`,
      ),
    ];
  });
  const [amd, intel] = machines.map(({ rows }) => {
    const ratio = find(rows, 'resnet50', 'fp32').runCpuMs / find(rows, 'resnet50', 'int8').runCpuMs;
    return ratio.toFixed(1);
  });
  return [
    markdownTable(['', 'fp32', 'int8'], table),
    '',
    `int8 is ${amd} times as fast as fp32 with a ResNet-50 on AVX2, and ${intel} times on the Intel processor,`,
    'which multiplies bytes natively.',
  ].join('\n');
}

function find(rows: readonly PrecisionRow[], network: Network, precision: Precision): PrecisionRow {
  const found = rows.find((row) => row.network === network && row.precision === precision && row.way === AS_SERVED);
  if (found === undefined) throw new TypeError(`bench/results lacks ${network} in ${precision}`);
  return found;
}

function readRows(file: string): PrecisionRow[] {
  return JSON.parse(readFileSync(new URL(`../../bench/results/${file}.json`, import.meta.url), 'utf8')).rows;
}
