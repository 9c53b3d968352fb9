import { readResults } from '../../bench/peers/results.ts';
import type { Basis, Figure, Measure, Ratio } from '../../bench/peers/rounds.ts';
import { OURS, TRANSFORMERS } from '../../bench/peers/sides.ts';
import { markdownTable } from './markdown-table.ts';

/** How `int8` of transformers.js is called there. */
const Q8 = 'q8';

/** Name of a side, as tables and plot show it: `transformers.js q8`. */
export function sideLabel({ side, precision }: Pick<Figure, 'side' | 'precision'>): string {
  return `${side} ${side === TRANSFORMERS && precision === 'int8' ? Q8 : precision}`;
}

/** Images per second of processor time, from milliseconds per image. */
export function imagesPerSecond(milliseconds: number): string {
  const images = 1000 / milliseconds;
  return images < 10 ? images.toFixed(1) : String(Math.round(images));
}

/** The comparison with other libraries: machine and versions, figures, ratios, and what is missing. */
export function peerTables(): [string, string][] {
  const { machine, versions, date, pictures, figures, ratios, skipped } = readResults();
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const where = `${machine.cpu} with ${machine.instructions.join(', ')}; ${date.slice(0, 10)}; ${names.join(', ')}. Pictures: ${pictures}.`;
  const missing = skipped.map(({ side, reason }) => `Left out: ${side} (${reason}).`);
  return [
    ['peers', [where, ...missing, figureTable(figures)].join('\n\n')],
    ['peer-ratios', ratioTable(ratios)],
  ];
}

function figureTable(figures: readonly Figure[]): string {
  const cpu = figures.filter(({ measure, basis }) => measure === 'small pictures' && basis === 'cpu');
  const rows = cpu.map((one) => {
    const of = (measure: Measure, basis: Basis) =>
      figures.find((other) => isSame(one, other) && other.measure === measure && other.basis === basis)?.median ?? 0;
    return [
      one.network,
      sideLabel(one),
      imagesPerSecond(of('small pictures', 'cpu')),
      imagesPerSecond(of('photographs', 'cpu')),
      `${Math.round(of('start to first answer', 'cpu'))} ms`,
      `${Math.round(of('memory', 'peak'))} MB`,
    ];
  });
  const headings = ['network', 'side', 'small pictures, images/s', 'photographs, images/s', 'start', 'memory'];
  return markdownTable(headings, rows);
}

function isSame(one: Figure, other: Figure): boolean {
  return one.network === other.network && one.side === other.side && one.precision === other.precision;
}

/** Ours compared with transformers.js fp32: times the images per second, share of start and memory. */
function ratioTable(ratios: readonly Ratio[]): string {
  const beside = ratios.filter(({ peer, peerPrecision }) => peer === TRANSFORMERS && peerPrecision === 'fp32');
  const ours = beside.filter(({ measure }) => measure === 'memory');
  const rows = ours.map(({ network, precision }) => {
    const of = (measure: Measure, basis: Basis) =>
      beside.find(
        (one) =>
          one.network === network && one.precision === precision && one.measure === measure && one.basis === basis,
      )?.median ?? Number.NaN;
    const times = (measure: Measure) => `${of(measure, 'cpu').toFixed(2)} (${of(measure, 'wall').toFixed(2)})`;
    const share = (basis: Basis) => (1 / of('start to first answer', basis)).toFixed(2);
    return [
      network,
      `${OURS} ${precision}`,
      times('small pictures'),
      times('photographs'),
      `${share('cpu')} (${share('wall')})`,
      (1 / of('memory', 'peak')).toFixed(2),
    ];
  });
  return markdownTable(
    ['network', 'ours', 'small pictures, times', 'photographs, times', 'start, share', 'memory, share'],
    rows,
  );
}
