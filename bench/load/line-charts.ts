/** A chart: lines over a common horizontal axis. */
export interface Chart {
  /** What it shows, with the unit. */
  readonly title: string;
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const WIDTH = 760;
const CHART_HEIGHT = 150;
const MARGIN = { top: 26, right: 110, bottom: 24, left: 60 };
const TITLE_HEIGHT = 30;
const FOOT_HEIGHT = 24;
/** Readable on light and on dark ground, and apart for those who do not see red and green apart. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73'];
const GREY = '#808080';

/**
 * Draws charts below each other, as an SVG image. Every chart begins at zero.
 * @param across the horizontal axis: its name, and its value for each value of the lines
 */
export function lineCharts(
  title: string,
  across: { readonly name: string; readonly values: readonly number[] },
  charts: readonly Chart[],
): string {
  const height = TITLE_HEIGHT + charts.length * CHART_HEIGHT + FOOT_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" fill="${GREY}">`,
    `<title>${escaped(title)}</title>`,
    `<text x="${MARGIN.left}" y="20" font-size="14">${escaped(title)}</text>`,
    ...charts.map((chart, index) => drawChart(chart, across.values, TITLE_HEIGHT + index * CHART_HEIGHT)),
    `<text x="${MARGIN.left}" y="${height - 8}">${escaped(across.name)}</text>`,
    '</svg>\n',
  ].join('\n');
}

function drawChart({ title, lines }: Chart, across: readonly number[], top: number): string {
  const right = WIDTH - MARGIN.right;
  const [high, low] = [top + MARGIN.top, top + CHART_HEIGHT - MARGIN.bottom];
  const most = roundUp(Math.max(...lines.flatMap(({ values }) => values).filter(Number.isFinite), 0));
  const furthest = Math.max(...across, 0) || 1;
  const x = (value: number) => (MARGIN.left + (value / furthest) * (right - MARGIN.left)).toFixed(1);
  const y = (value: number) => (low - (value / most) * (low - high)).toFixed(1);
  const point = (value: number, index: number) =>
    Number.isFinite(value) ? `${x(across[index] ?? 0)},${y(value)}` : [];
  return [
    `<text x="${MARGIN.left}" y="${high - 8}">${escaped(title)}</text>`,
    `<path d="M${MARGIN.left},${high}V${low}H${right}" fill="none" stroke="${GREY}" />`,
    ...[0, most / 2, most].map(
      (value) =>
        `<text x="${MARGIN.left - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${value.toLocaleString('en-US')}</text>`,
    ),
    `<text x="${right}" y="${low + 14}" text-anchor="end">${furthest.toLocaleString('en-US')}</text>`,
    ...lines.flatMap(({ name, values }, index) => [
      `<polyline points="${values.flatMap(point).join(' ')}" fill="none" stroke="${COLOURS[index % COLOURS.length]}" />`,
      `<text x="${right + 8}" y="${high + 10 + index * 15}" fill="${COLOURS[index % COLOURS.length]}">${escaped(name)}</text>`,
    ]),
  ].join('\n');
}

/** The next 1, 2 or 5 with zeros behind it. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
