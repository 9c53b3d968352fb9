import { type Brush, polygon, svg } from '../brush.ts';

export function honeycomb({ between, hsl }: Brush): string {
  let s = '';
  const r = between(7.5, 11);
  const w = r * Math.sqrt(3);
  for (let row = -8; row <= 8; row++)
    for (let k = -8; k <= 8; k++) {
      const x = k * w + (row & 1 ? w / 2 : 0),
        y = row * r * 1.5;
      if (Math.abs(x) < 62 && Math.abs(y) < 62)
        s += `<polygon points="${polygon(6, r * 0.92, Math.PI / 6, x, y)}" fill="${hsl(38, 88, between(38, 58), 5)}"/>`;
    }
  return `<rect x="-60" y="-60" width="120" height="120" fill="${hsl(34, 80, 24)}"/>${s}`;
}

export function maze({ between, whole, random, hsl }: Brush): string {
  const n = whole(7, 11),
    c = 96 / n;
  let s = '';
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) {
      const px = -48 + x * c,
        py = -48 + y * c;
      s += random() < 0.5 ? `M${px} ${py} h${c}` : `M${px} ${py} v${c}`;
    }
  return svg(
    '<rect x="-50" y="-50" width="100" height="100" fill="#fafafa"/>',
    `<path d="${s}M-48 -48 h96 v96 h-96 z" stroke="${hsl(between(0, 360), 30, 16)}" stroke-width="${between(2, 4)}" fill="none" stroke-linecap="square"/>`,
  );
}

export function crosswordPuzzle({ between, whole, random }: Brush): string {
  const n = whole(7, 12),
    c = 98 / n;
  let s = '';
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) {
      const b = random() < 0.24;
      s += `<rect x="${-49 + x * c}" y="${-49 + y * c}" width="${c}" height="${c}" fill="${b ? '#101010' : '#fdfdfa'}" stroke="#222" stroke-width=".9"/>`;
      if (!b && random() < 0.4)
        s += `<path d="M${-49 + x * c + c * 0.3} ${-49 + y * c + c * 0.75} l${c * 0.2} ${-c * 0.5} l${c * 0.2} ${c * 0.5} m${-c * 0.32} ${-c * 0.2} h${c * 0.24}" stroke="#223" stroke-width="1" fill="none"/>`;
    }
  return (
    s + `<rect x="-49.5" y="-49.5" width="99" height="99" fill="none" stroke="#111" stroke-width="${between(1, 2.4)}"/>`
  );
}
