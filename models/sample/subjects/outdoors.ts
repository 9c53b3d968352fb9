import { type Brush, polygon, svg } from '../brush.ts';

export function streetSign({ between, whole, pick }: Brush): string {
  const k = whole(0, 2);
  const pole = `<rect x="-3" y="0" width="6" height="50" fill="#8b9095"/>`;
  if (k === 0)
    return (
      pole +
      svg(
        `<polygon points="${polygon(8, 38, Math.PI / 8, 0, -12)}" fill="#c4161c" stroke="#fff" stroke-width="3"/>`,
        '<g fill="none" stroke="#fff" stroke-width="4">',
        '<path d="M-24 -18 q-6 -4 -7 1 q1 4 6 5 q5 3 0 7 q-5 2 -8 -2 M-14 -20 h11 m-5.500 0 v16 M4 -20 h9 v15 h-9 z M19 -4 v-16 h7 q5 4 0 8 h-7"/>',
        '</g>',
      )
    );
  if (k === 1)
    return (
      pole +
      svg(
        '<rect x="-28" y="-40" width="56" height="56" rx="5" fill="#f4c417" stroke="#111" stroke-width="3" transform="rotate(45 0 -12)"/>',
        '<path d="M0 4 V-26 m-9 9 l9 -11 l9 11" stroke="#111" stroke-width="5.500" fill="none"/>',
      )
    );
  const c = pick(['#0b6b3a', '#1a4f9c']);
  return (
    pole +
    `<rect x="-48" y="-34" width="96" height="32" rx="4" fill="${c}" stroke="#fff" stroke-width="2.400"/>` +
    Array.from(
      { length: 6 },
      (_, q) => `<rect x="${-40 + q * 13.5}" y="-24" width="${between(6, 11)}" height="11" rx="2" fill="#fff"/>`,
    ).join('')
  );
}

export function trafficLight({ between, whole }: Brush): string {
  const on = whole(0, 2),
    cs = ['#ff3b30', '#ffcc00', '#34d058'],
    off = ['#4a1512', '#4d3f0a', '#0f3d1c'];
  return (
    svg(
      '<rect x="-4" y="30" width="8" height="22" fill="#55595d"/>',
      `<rect x="-20" y="-46" width="40" height="${between(86, 92)}" rx="7" fill="${['#1d1f21', '#2b2b22', '#c9a400'][whole(0, 2)]}"/>`,
    ) +
    [0, 1, 2]
      .map(
        (k) =>
          `<circle cy="${-30 + k * 28}" r="${between(10, 12)}" fill="${k === on ? cs[k] : off[k]}"/>` +
          (k === on ? `<circle cy="${-30 + k * 28}" r="16" fill="${cs[k]}" opacity=".25"/>` : ''),
      )
      .join('')
  );
}

export function volcano({ between, hsl }: Brush): string {
  const p = between(8, 13);
  let smoke = '';
  for (let k = 0; k < 7; k++)
    smoke += `<circle cx="${between(-16, 16)}" cy="${-30 - k * 3}" r="${between(6, 12)}" fill="${hsl(0, 2, between(50, 78))}" opacity=".8"/>`;
  return svg(
    `${smoke}<path d="M-50 48 L${-p} -22 L${p} -22 L50 48Z" fill="${hsl(22, 24, 26)}"/>`,
    `<path d="M${-p} -22 L${p} -22 L${between(4, 8)} 0 L${between(8, 14)} 24 L${between(0, 3)} 6 L${between(-6, -2)} 32 L-5 2Z" fill="${hsl(14, 95, 52)}"/>`,
    '<path d="M0 -22 L-10 -40 M0 -22 L2 -46 M0 -22 L12 -38" stroke="#ff8a2a" stroke-width="3.400"/>',
  );
}
