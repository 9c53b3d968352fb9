import type { Brush } from '../brush.ts';
import { repeat } from '../svg.ts';

export function goldfish({ between, colour }: Brush): string {
  const body = colour(24, 92, 52);
  const fins = colour(18, 90, 42);
  return [
    `<path d="M20 0 Q${between(38, 46)} ${between(-30, -18)} 48 ${between(-26, -14)} `,
    `Q40 0 48 ${between(14, 26)} Q36 ${between(16, 28)} 20 0Z" fill="${fins}"/>`,
    `<ellipse rx="${between(28, 34)}" ry="${between(15, 20)}" cx="-8" fill="${body}"/>`,
    `<path d="M-14 -14 Q0 ${between(-34, -26)} 12 -12Z" fill="${fins}"/>`,
    `<path d="M-8 8 Q2 ${between(20, 28)} 8 10Z" fill="${fins}"/>`,
    '<circle cx="-28" cy="-4" r="4.2" fill="#fff"/><circle cx="-29" cy="-4" r="2.2" fill="#111"/>',
    `<path d="M-16 -10 Q-10 0 -16 10" stroke="${fins}" stroke-width="1.6" fill="none"/>`,
  ].join('');
}

export function ladybug({ between, whole, colour }: Brush): string {
  const shell = colour(4, 86, 46);
  const pairs = whole(2, 4);
  const spots = repeat(pairs, (pair) => {
    const x = between(8, 26);
    const y = -16 + (38 * pair) / pairs + between(-2, 2);
    const radius = between(3.5, 6.5);
    return `<circle cx="${x}" cy="${y}" r="${radius}"/><circle cx="${-x}" cy="${y}" r="${radius}"/>`;
  });
  return [
    '<g stroke="#151515" stroke-width="2.6">',
    '<path d="M-30 -14 L-44 -22 M-34 4 L-48 4 M-30 20 L-42 30 M30 -14 L44 -22 M34 4 L48 4 M30 20 L42 30"/></g>',
    `<circle cy="-30" r="13" fill="#161616"/><ellipse cy="4" rx="33" ry="35" fill="${shell}"/>`,
    `<path d="M0 -31 V39" stroke="#161616" stroke-width="3"/><g fill="#161616">${spots}</g>`,
    '<circle cx="-6" cy="-36" r="2.6" fill="#eee"/><circle cx="6" cy="-36" r="2.6" fill="#eee"/>',
  ].join('');
}

export function starfish({ between, colour }: Brush): string {
  const inner = between(14, 19);
  const points = Array.from({ length: 10 }, (_, corner) => {
    const angle = -Math.PI / 2 + (Math.PI * corner) / 5;
    const radius = corner % 2 ? inner : between(43, 49);
    return `${(radius * Math.cos(angle)).toFixed(1)},${(radius * Math.sin(angle)).toFixed(1)}`;
  }).join(' ');
  const skin = colour(22, 78, 56, 14);
  const dots = repeat(5, (arm) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * arm) / 5;
    return repeat(6, (step) => {
      const radius = 6 + 6 * step;
      return `<circle cx="${radius * Math.cos(angle)}" cy="${radius * Math.sin(angle)}" r="1.5"/>`;
    });
  });
  return [
    `<polygon points="${points}" fill="${skin}" stroke="${skin}" stroke-width="9" stroke-linejoin="round"/>`,
    `<g fill="${colour(18, 60, 80)}">${dots}</g>`,
  ].join('');
}
