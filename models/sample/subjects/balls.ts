import { type Brush, ballShade, polygon, svg } from '../brush.ts';

export function balloon({ between, hsl }: Brush): string {
  const h = between(0, 360);
  return svg(
    `<defs>${ballShade('b', hsl(h, 85, 82), hsl(h, 85, 52), hsl(h, 85, 32))}</defs>`,
    `<path d="M0 28 Q${between(-12, 12)} 38 ${between(-6, 6)} 50" stroke="#777" stroke-width="1.4" fill="none"/>`,
    `<ellipse cy="-10" rx="${between(26, 31)}" ry="${between(33, 38)}" fill="url(#b)"/>`,
    `<path d="M-4 27 L4 27 L0 22Z" fill="${hsl(h, 85, 36)}"/>`,
    '<ellipse cx="-10" cy="-24" rx="5" ry="9" fill="#fff" opacity=".45" transform="rotate(20 -10 -24)"/>',
  );
}

export function basketball({ between, hsl }: Brush): string {
  return svg(
    `<defs>${ballShade('b', hsl(26, 82, 66), hsl(22, 80, 50), hsl(18, 75, 30))}</defs>`,
    `<circle r="46" fill="url(#b)"/><g stroke="#1c120c" stroke-width="${between(2, 3)}" fill="none">`,
    '<path d="M-46 0 H46 M0 -46 V46"/><path d="M-33 -32 Q-6 0 -33 32"/>',
    '<path d="M33 -32 Q6 0 33 32"/></g>',
  );
}

export function golfBall({ between }: Brush): string {
  let d = '';
  for (let y = -42; y <= 42; y += 9)
    for (let x = -42 + (((y + 42) / 9) % 2) * 4.5; x <= 42; x += 9)
      if (x * x + y * y < 42 * 42) d += `<circle cx="${x}" cy="${y}" r="3"/>`;
  return svg(
    `<defs>${ballShade('b', '#ffffff', '#eef0ef', '#aab0b0')}</defs><circle r="46" fill="url(#b)"/>`,
    `<g fill="#c9cfcf" stroke="#fff" stroke-width=".7" transform="rotate(${between(0, 90)})">${d}</g>`,
  );
}

export function soccerBall({ between }: Brush): string {
  let s = `<polygon points="${polygon(5, 15, -Math.PI / 2)}" fill="#161616"/>`;
  for (let k = 0; k < 5; k++) {
    const t = -Math.PI / 2 + (2 * Math.PI * k) / 5;
    s += `<path d="M${15 * Math.cos(t)} ${15 * Math.sin(t)} L${31 * Math.cos(t)} ${31 * Math.sin(t)}" stroke="#222" stroke-width="2"/>`;
    s += `<polygon points="${polygon(5, 12, t, 40 * Math.cos(t), 40 * Math.sin(t))}" fill="#161616"/>`;
  }
  return svg(
    `<defs>${ballShade('b', '#fff', '#f3f3f3', '#b5b5b5')}<clipPath id="c"><circle r="46"/>`,
    '</clipPath></defs><circle r="46" fill="url(#b)"/><g clip-path="url(#c)">',
    `<g transform="rotate(${between(0, 72)})">${s}</g></g>`,
  );
}

export function tennisBall({ between, hsl }: Brush): string {
  return svg(
    `<defs>${ballShade('b', hsl(68, 90, 76), hsl(68, 85, 56), hsl(72, 75, 36))}</defs>`,
    '<circle r="46" fill="url(#b)"/>',
    `<g fill="none" stroke="#fbfff0" stroke-width="${between(3, 4.6)}" transform="rotate(${between(0, 180)})">`,
    '<path d="M-36 -29 Q-4 0 -36 29"/><path d="M36 -29 Q4 0 36 29"/></g>',
  );
}
