import { type Brush, ballShade, svg } from '../brush.ts';

export function strawberry({ between, hsl }: Brush): string {
  let s = '';
  for (let y = -18; y < 36; y += 9)
    for (let x = -26; x <= 26; x += 10) {
      const w = 30 * (1 - (y + 18) / 66);
      if (Math.abs(x) < w)
        s += `<ellipse cx="${x + between(-1, 1)}" cy="${y + between(-1, 1)}" rx="1.300" ry="2.300"/>`;
    }
  return svg(
    `<path d="M-34 -16 Q-36 -30 0 -28 Q36 -30 34 -16 Q30 20 0 46 Q-30 20 -34 -16Z" fill="${hsl(354, 85, 46)}"/>`,
    `<g fill="#ffe28a">${s}</g>`,
    `<path d="M0 -26 l-22 -8 l12 -2 l-6 -10 l12 6 l4 -10 l4 10 l12 -6 l-6 10 l12 2Z" fill="${hsl(110, 55, 34)}"/>`,
  );
}

export function orange({ between, hsl }: Brush): string {
  let s = '';
  for (let k = 0; k < 60; k++) {
    const t = between(0, 6.3),
      r = between(0, 40);
    s += `<circle cx="${r * Math.cos(t)}" cy="${r * Math.sin(t)}" r=".9"/>`;
  }
  return svg(
    `<defs>${ballShade('b', hsl(34, 98, 68), hsl(30, 96, 54), hsl(24, 90, 38))}</defs>`,
    `<circle r="44" fill="url(#b)"/><g fill="#b85a00" opacity=".5">${s}</g>`,
    `<path d="M0 -42 q${between(4, 8)} -10 ${between(16, 22)} -6 q-6 10 -20 6Z" fill="${hsl(115, 50, 34)}"/>`,
    '<circle cy="-41" r="2.600" fill="#4a5a20"/>',
  );
}

export function lemon({ between, hsl }: Brush): string {
  return svg(
    `<defs>${ballShade('b', hsl(56, 96, 78), hsl(53, 92, 58), hsl(48, 85, 42))}</defs>`,
    `<path d="M-48 0 Q-40 -4 -36 ${between(-16, -11)} Q0 ${between(-42, -34)} 34 -14 Q40 -4 48 0 Q40 5 34 14 Q0 ${between(34, 42)} -36 13 Q-40 4 -48 0Z" fill="url(#b)"/>`,
    '<ellipse cx="-12" cy="-12" rx="11" ry="5" fill="#fff" opacity=".35" transform="rotate(-20 -12 -12)"/>',
  );
}

export function banana({ between, whole, hsl }: Brush): string {
  let s = '';
  const n = whole(1, 3);
  for (let k = 0; k < n; k++)
    s += svg(
      `<g transform="rotate(${k * between(14, 20)} -34 -26)">`,
      `<path d="M-38 -32 Q${between(-34, -26)} ${between(24, 34)} 40 ${between(22, 30)} Q46 24 42 18 Q0 ${between(14, 22)} -28 -32Z" fill="${hsl(50, 92, 56, 5)}" stroke="${hsl(44, 80, 38)}" stroke-width="1.500"/>`,
      `<path d="M-34 -28 Q-20 22 40 23" stroke="${hsl(44, 70, 44)}" stroke-width="1.400" fill="none"/>`,
      '<path d="M40 18 l6 2 l-1 6 l-6 0Z" fill="#4b3a1a"/></g>',
    );
  return s + `<rect x="-40" y="-42" width="9" height="12" fill="#6b5a1e" transform="rotate(-10 -36 -36)"/>`;
}

export function pizza({ between, whole, hsl }: Brush): string {
  let s = '';
  for (let k = 0; k < whole(6, 10); k++) {
    const t = between(0, 6.3),
      r = between(4, 32);
    s += `<circle cx="${r * Math.cos(t)}" cy="${r * Math.sin(t)}" r="${between(4, 7)}" fill="${hsl(6, 70, 40)}"/>`;
  }
  for (let k = 0; k < 12; k++) {
    const t = between(0, 6.3),
      r = between(2, 35);
    s += `<ellipse cx="${r * Math.cos(t)}" cy="${r * Math.sin(t)}" rx="2.600" ry="1.500" fill="${hsl(110, 45, 34)}"/>`;
  }
  let cuts = '';
  for (let k = 0; k < 4; k++)
    cuts += `<path d="M-46 0 H46" transform="rotate(${k * 45})" stroke="${hsl(32, 60, 40)}" stroke-width="1.200"/>`;
  return svg(
    `<circle r="47" fill="${hsl(32, 65, 52)}"/><circle r="40" fill="${hsl(8, 75, 46)}"/>`,
    `<circle r="38" fill="${hsl(44, 88, 66)}"/>${s}${cuts}`,
  );
}
