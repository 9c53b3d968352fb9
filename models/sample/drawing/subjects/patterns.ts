import type { Brush } from '../brush.ts';
import { corners, repeat } from '../svg.ts';

export function honeycomb({ between, colour }: Brush): string {
  const radius = between(7.5, 11);
  const width = radius * Math.sqrt(3);
  const cells = repeat(17, (line) =>
    repeat(17, (place) => {
      const [row, column] = [line - 8, place - 8];
      const x = column * width + (row & 1 ? width / 2 : 0);
      const y = row * radius * 1.5;
      if (Math.abs(x) >= 62 || Math.abs(y) >= 62) return '';
      return `<polygon points="${corners(6, radius * 0.92, Math.PI / 6, x, y)}" fill="${colour(38, 88, between(38, 58), 5)}"/>`;
    }),
  );
  return `<rect x="-60" y="-60" width="120" height="120" fill="${colour(34, 80, 24)}"/>${cells}`;
}

export function maze({ between, whole, isChance, colour }: Brush): string {
  const cells = whole(7, 11);
  const side = 96 / cells;
  const walls = repeat(cells, (row) =>
    repeat(cells, (column) => `M${-48 + column * side} ${-48 + row * side} ${isChance(0.5) ? 'h' : 'v'}${side}`),
  );
  return [
    '<rect x="-50" y="-50" width="100" height="100" fill="#fafafa"/>',
    `<path d="${walls}M-48 -48 h96 v96 h-96 z" stroke="${colour(between(0, 360), 30, 16)}" `,
    `stroke-width="${between(2, 4)}" fill="none" stroke-linecap="square"/>`,
  ].join('');
}

export function spiderWeb({ between, whole, oneOf }: Brush): string {
  const spokes = whole(8, 13);
  const turn = between(0, 6);
  const [x, y] = [between(-8, 8), between(-8, 8)];
  const angleOf = (spoke: number) => turn + (2 * Math.PI * spoke) / spokes;
  const at = (radius: number, angle: number) => `${x + radius * Math.cos(angle)} ${y + radius * Math.sin(angle)}`;
  let threads = repeat(spokes, (spoke) => `M${x} ${y} L${at(70, angleOf(spoke))}`);
  for (let radius = 7; radius < 66; radius += between(6, 8)) {
    threads += repeat(spokes, (spoke) => {
      const [from, to] = [angleOf(spoke), angleOf(spoke + 1)];
      return `M${at(radius, from)} Q${at(radius * 0.86, (from + to) / 2)} ${at(radius, to)}`;
    });
  }
  return [
    `<rect x="-60" y="-60" width="120" height="120" fill="${oneOf(['#1d2a22', '#24303b', '#2b241c', '#16211a'])}"/>`,
    `<path d="${threads}" stroke="#e9eeee" stroke-width="${between(0.8, 1.6)}" fill="none" opacity=".9"/>`,
  ].join('');
}

export function crosswordPuzzle({ between, whole, isChance }: Brush): string {
  const cells = whole(7, 12);
  const side = 98 / cells;
  const letter = (x: number, y: number) =>
    [
      `<path d="M${x + side * 0.3} ${y + side * 0.75} l${side * 0.2} ${-side * 0.5} l${side * 0.2} ${side * 0.5} `,
      `m${-side * 0.32} ${-side * 0.2} h${side * 0.24}" stroke="#223" stroke-width="1" fill="none"/>`,
    ].join('');
  const grid = repeat(cells, (row) =>
    repeat(cells, (column) => {
      const [x, y] = [-49 + column * side, -49 + row * side];
      const isBlack = isChance(0.24);
      const fill = isBlack ? '#101010' : '#fdfdfa';
      const cell = `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${fill}" stroke="#222" stroke-width=".9"/>`;
      return !isBlack && isChance(0.4) ? cell + letter(x, y) : cell;
    }),
  );
  const frame = `<rect x="-49.5" y="-49.5" width="99" height="99" fill="none" stroke="#111" stroke-width="${between(1, 2.4)}"/>`;
  return grid + frame;
}
