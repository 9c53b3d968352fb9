import { readResults } from '../../bench/peers/results.ts';
import type { Figure, Measure } from '../../bench/peers/rounds.ts';
import { OURS } from '../../bench/peers/sides.ts';
import { imagesPerSecond, sideLabel } from './peer-tables.ts';

/** The two columns of the plot. */
const COLUMNS: readonly Measure[] = ['small pictures', 'photographs'];

/** Sizes in pixels. */
const WIDTH = 900;
const LABELS = 170;
const VALUES = 45;
const BAR = 16;
const ROW = 22;
const HEADING = 30;
const TOP = 34;

/** Colours that can be read on white and on black. */
const OUR_COLOUR = '#2f81f7';
const PEER_COLOUR = '#8b949e';
const TEXT_COLOUR = '#768390';

/** The plot of docs/measurements.md: images per second, one row of bars a network. */
export function peersPlot(): string {
  const { figures } = readResults();
  const networks = [...new Set(figures.map(({ network }) => network))];
  const columnWidth = (WIDTH - LABELS) / COLUMNS.length;
  const parts: string[] = COLUMNS.map((measure, column) => text(LABELS + column * columnWidth, 18, measure, 'bold'));
  let y = TOP;
  for (const network of networks) {
    parts.push(text(0, y + 16, network, 'bold'));
    y += HEADING;
    for (const [column, measure] of COLUMNS.entries()) {
      const bars = figures.filter((one) => one.network === network && one.measure === measure && one.basis === 'cpu');
      const fastest = Math.min(...bars.map(({ median }) => median));
      const left = LABELS + column * columnWidth;
      for (const [row, bar] of bars.entries()) {
        const length = ((columnWidth - VALUES) * fastest) / bar.median;
        if (column === 0) parts.push(text(0, y + row * ROW + 12, sideLabel(bar)));
        parts.push(rectangle(left, y + row * ROW, length, bar.side === OURS ? OUR_COLOUR : PEER_COLOUR));
        parts.push(text(left + length + 5, y + row * ROW + 12, imagesPerSecond(bar.median)));
      }
    }
    y += ROW * sidesOf(figures, network) + 8;
  }
  const title = '<title>Images per second of processor time, on one core</title>';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="sans-serif" font-size="13">\n${[title, ...parts].join('\n')}\n</svg>\n`;
}

function sidesOf(figures: readonly Figure[], network: string): number {
  return new Set(figures.filter((one) => one.network === network).map(sideLabel)).size;
}

function text(x: number, y: number, content: string, weight = 'normal'): string {
  return `<text x="${x.toFixed(1)}" y="${y}" fill="${TEXT_COLOUR}" font-weight="${weight}">${content}</text>`;
}

function rectangle(x: number, y: number, width: number, colour: string): string {
  return `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour}"/>`;
}
