import type { Brush } from '../brush.ts';
import { corners, repeat } from '../svg.ts';

const LIGHTS = [
  { on: '#ff3b30', off: '#4a1512' },
  { on: '#ffcc00', off: '#4d3f0a' },
  { on: '#34d058', off: '#0f3d1c' },
] as const;
const HOUSINGS = ['#1d1f21', '#2b2b22', '#c9a400'] as const;

const SIGN_POLE = '<rect x="-3" y="0" width="6" height="50" fill="#8b9095"/>';

/** Draws a stop sign, a warning sign, or the name of a street. */
export function streetSign(brush: Brush): string {
  const kind = brush.whole(0, 2);
  const sign = kind === 0 ? STOP_SIGN : kind === 1 ? WARNING_SIGN : nameSign(brush);
  return SIGN_POLE + sign;
}

const STOP_SIGN = [
  `<polygon points="${corners(8, 38, Math.PI / 8, 0, -12)}" fill="#c4161c" stroke="#fff" stroke-width="3"/>`,
  '<g fill="none" stroke="#fff" stroke-width="4"><path d="',
  'M-24 -18 q-6 -4 -7 1 q1 4 6 5 q5 3 0 7 q-5 2 -8 -2 ',
  'M-14 -20 h11 m-5.500 0 v16 ',
  'M4 -20 h9 v15 h-9 z ',
  'M19 -4 v-16 h7 q5 4 0 8 h-7"/></g>',
].join('');

const WARNING_SIGN = [
  '<rect x="-28" y="-40" width="56" height="56" rx="5" fill="#f4c417" stroke="#111" stroke-width="3" transform="rotate(45 0 -12)"/>',
  '<path d="M0 4 V-26 m-9 9 l9 -11 l9 11" stroke="#111" stroke-width="5.500" fill="none"/>',
].join('');

function nameSign({ between, oneOf }: Brush): string {
  const fill = oneOf(['#0b6b3a', '#1a4f9c']);
  const letters = repeat(
    6,
    (letter) => `<rect x="${-40 + letter * 13.5}" y="-24" width="${between(6, 11)}" height="11" rx="2" fill="#fff"/>`,
  );
  return `<rect x="-48" y="-34" width="96" height="32" rx="4" fill="${fill}" stroke="#fff" stroke-width="2.400"/>${letters}`;
}

export function trafficLight({ between, whole }: Brush): string {
  const lit = whole(0, 2);
  const housing = `<rect x="-20" y="-46" width="40" height="${between(86, 92)}" rx="7" fill="${HOUSINGS[whole(0, 2)]}"/>`;
  const lights = LIGHTS.map(({ on, off }, place) => {
    const y = -30 + place * 28;
    const lamp = `<circle cy="${y}" r="${between(10, 12)}" fill="${place === lit ? on : off}"/>`;
    return place === lit ? `${lamp}<circle cy="${y}" r="16" fill="${on}" opacity=".25"/>` : lamp;
  });
  return `<rect x="-4" y="30" width="8" height="22" fill="#55595d"/>${housing}${lights.join('')}`;
}

export function volcano({ between, colour }: Brush): string {
  const crater = between(8, 13);
  const smoke = repeat(
    7,
    (puff) =>
      `<circle cx="${between(-16, 16)}" cy="${-30 - puff * 3}" r="${between(6, 12)}" fill="${colour(0, 2, between(50, 78))}" opacity=".8"/>`,
  );
  return [
    `${smoke}<path d="M-50 48 L${-crater} -22 L${crater} -22 L50 48Z" fill="${colour(22, 24, 26)}"/>`,
    `<path d="M${-crater} -22 L${crater} -22 L${between(4, 8)} 0 L${between(8, 14)} 24 L${between(0, 3)} 6 `,
    `L${between(-6, -2)} 32 L-5 2Z" fill="${colour(14, 95, 52)}"/>`,
    '<path d="M0 -22 L-10 -40 M0 -22 L2 -46 M0 -22 L12 -38" stroke="#ff8a2a" stroke-width="3.400"/>',
  ].join('');
}
