import { type Brush, svg } from '../brush.ts';

export function goldfish({ between, hsl }: Brush): string {
  const c = hsl(24, 92, 52),
    d = hsl(18, 90, 42);
  return svg(
    `<path d="M20 0 Q${between(38, 46)} ${between(-30, -18)} 48 ${between(-26, -14)} Q40 0 48 ${between(14, 26)} Q36 ${between(16, 28)} 20 0Z" fill="${d}"/>`,
    `<ellipse rx="${between(28, 34)}" ry="${between(15, 20)}" cx="-8" fill="${c}"/>`,
    `<path d="M-14 -14 Q0 ${between(-34, -26)} 12 -12Z" fill="${d}"/>`,
    `<path d="M-8 8 Q2 ${between(20, 28)} 8 10Z" fill="${d}"/>`,
    '<circle cx="-28" cy="-4" r="4.2" fill="#fff"/>',
    '<circle cx="-29" cy="-4" r="2.2" fill="#111"/>',
    `<path d="M-16 -10 Q-10 0 -16 10" stroke="${d}" stroke-width="1.6" fill="none"/>`,
  );
}

export function ladybug({ between, whole, hsl }: Brush): string {
  const c = hsl(4, 86, 46);
  let s = '';
  const n = whole(2, 4);
  for (let k = 0; k < n; k++) {
    const x = between(8, 26),
      y = -16 + (38 * k) / n + between(-2, 2),
      r = between(3.5, 6.5);
    s += `<circle cx="${x}" cy="${y}" r="${r}"/><circle cx="${-x}" cy="${y}" r="${r}"/>`;
  }
  return svg(
    '<g stroke="#151515" stroke-width="2.6">',
    '<path d="M-30 -14 L-44 -22 M-34 4 L-48 4 M-30 20 L-42 30 M30 -14 L44 -22 M34 4 L48 4 M30 20 L42 30"/>',
    `</g><circle cy="-30" r="13" fill="#161616"/><ellipse cy="4" rx="33" ry="35" fill="${c}"/>`,
    `<path d="M0 -31 V39" stroke="#161616" stroke-width="3"/><g fill="#161616">${s}</g>`,
    '<circle cx="-6" cy="-36" r="2.6" fill="#eee"/>',
    '<circle cx="6" cy="-36" r="2.6" fill="#eee"/>',
  );
}

export function starfish({ between, hsl }: Brush): string {
  const pts = [];
  const r1 = between(14, 19);
  for (let k = 0; k < 10; k++) {
    const t = -Math.PI / 2 + (Math.PI * k) / 5,
      r = k % 2 ? r1 : between(43, 49);
    pts.push([r * Math.cos(t), r * Math.sin(t)]);
  }
  const c = hsl(22, 78, 56, 14);
  let dots = '';
  for (let k = 0; k < 5; k++) {
    const t = -Math.PI / 2 + (2 * Math.PI * k) / 5;
    for (let r = 6; r < 40; r += 6) dots += `<circle cx="${r * Math.cos(t)}" cy="${r * Math.sin(t)}" r="1.5"/>`;
  }
  return svg(
    `<polygon points="${pts.map((p) => p.map((v) => v.toFixed(1)).join(',')).join(' ')}" fill="${c}" stroke="${c}" stroke-width="9" stroke-linejoin="round"/>`,
    `<g fill="${hsl(18, 60, 80)}">${dots}</g>`,
  );
}

export function spiderWeb({ between, whole, pick }: Brush): string {
  const n = whole(8, 13);
  let s = '';
  const rot = between(0, 6);
  const cx = between(-8, 8),
    cy = between(-8, 8);
  for (let k = 0; k < n; k++) {
    const t = rot + (2 * Math.PI * k) / n;
    s += `M${cx} ${cy} L${cx + 70 * Math.cos(t)} ${cy + 70 * Math.sin(t)}`;
  }
  for (let r = 7; r < 66; r += between(6, 8))
    for (let k = 0; k < n; k++) {
      const t = rot + (2 * Math.PI * k) / n,
        t2 = rot + (2 * Math.PI * (k + 1)) / n,
        m = (t + t2) / 2;
      s += `M${cx + r * Math.cos(t)} ${cy + r * Math.sin(t)} Q${cx + r * 0.86 * Math.cos(m)} ${cy + r * 0.86 * Math.sin(m)} ${cx + r * Math.cos(t2)} ${cy + r * Math.sin(t2)}`;
    }
  return svg(
    `<rect x="-60" y="-60" width="120" height="120" fill="${pick(['#1d2a22', '#24303b', '#2b241c', '#16211a'])}"/>`,
    `<path d="${s}" stroke="#e9eeee" stroke-width="${between(0.8, 1.6)}" fill="none" opacity=".9"/>`,
  );
}

export function daisy({ between, whole, hsl }: Brush): string {
  const n = whole(12, 20);
  let s = '';
  for (let k = 0; k < n; k++)
    s += `<ellipse cy="-29" rx="${170 / n / 2 + 1}" ry="19" transform="rotate(${(360 * k) / n + between(-3, 3)})" fill="${hsl(50, 20, 96, 2)}" stroke="#cfd4d6" stroke-width=".8"/>`;
  return `${s}<circle r="${between(12, 16)}" fill="${hsl(46, 92, 52)}"/><circle r="7" fill="${hsl(38, 90, 44)}"/>`;
}

export function acorn({ between, hsl }: Brush): string {
  return svg(
    `<path d="M-27 -8 Q-26 28 0 ${between(42, 48)} Q26 28 27 -8Z" fill="${hsl(30, 60, 44)}"/>`,
    `<path d="M-34 -8 Q-34 -34 0 -34 Q34 -34 34 -8 Q0 2 -34 -8Z" fill="${hsl(26, 40, 28)}"/>`,
    '<g stroke="#00000055" stroke-width="1.300" fill="none">',
    '<path d="M-28 -22 Q0 -12 28 -22 M-33 -13 Q0 -3 33 -13 M-18 -32 L-24 -6 M0 -34 V-3 M18 -32 L24 -6"/>',
    '</g>',
    `<path d="M0 -34 q${between(-3, 3)} -8 ${between(2, 6)} -13" stroke="#4b3620" stroke-width="4" fill="none"/>`,
    '<ellipse cx="-9" cy="12" rx="5" ry="14" fill="#fff" opacity=".16"/>',
  );
}

export function mushroom({ between, whole, pick, hsl }: Brush): string {
  const c = pick([hsl(4, 75, 46), hsl(28, 50, 42), hsl(36, 35, 68)]);
  let d = '';
  for (let k = 0; k < whole(4, 7); k++)
    d += `<circle cx="${between(-28, 28)}" cy="${between(-30, -10)}" r="${between(2, 5)}"/>`;
  return svg(
    `<path d="M-12 -4 Q-8 20 ${between(-18, -13)} 44 Q0 50 ${between(13, 18)} 44 Q8 20 12 -4Z" fill="${hsl(40, 35, 86)}"/>`,
    `<path d="M-46 0 Q-42 ${between(-48, -40)} 0 ${between(-48, -42)} Q42 -44 46 0 Q0 ${between(8, 14)} -46 0Z" fill="${c}"/>`,
    `<g fill="#fff" opacity=".8">${d}</g>`,
    '<path d="M-42 1 Q0 13 42 1" stroke="#fff8" stroke-width="1.5" fill="none"/>',
  );
}
