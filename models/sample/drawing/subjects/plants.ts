import type { Brush } from '../brush.ts';
import { repeat, roundShading } from '../svg.ts';

/** Largest random angle around a centre, in radians: almost a full turn. */
const TURN = 6.3;

export function mushroom({ between, whole, oneOf, colour }: Brush): string {
  const cap = oneOf([colour(4, 75, 46), colour(28, 50, 42), colour(36, 35, 68)]);
  let spots = '';
  // The limit is chosen again before each spot, which makes small numbers more likely.
  for (let spot = 0; spot < whole(4, 7); spot += 1) {
    spots += `<circle cx="${between(-28, 28)}" cy="${between(-30, -10)}" r="${between(2, 5)}"/>`;
  }
  return [
    `<path d="M-12 -4 Q-8 20 ${between(-18, -13)} 44 Q0 50 ${between(13, 18)} 44 Q8 20 12 -4Z" fill="${colour(40, 35, 86)}"/>`,
    `<path d="M-46 0 Q-42 ${between(-48, -40)} 0 ${between(-48, -42)} Q42 -44 46 0 Q0 ${between(8, 14)} -46 0Z" fill="${cap}"/>`,
    `<g fill="#fff" opacity=".8">${spots}</g>`,
    '<path d="M-42 1 Q0 13 42 1" stroke="#fff8" stroke-width="1.5" fill="none"/>',
  ].join('');
}

export function strawberry({ between, colour }: Brush): string {
  const seeds = repeat(6, (row) => {
    const y = -18 + row * 9;
    const halfWidth = 30 * (1 - (y + 18) / 66);
    return repeat(6, (column) => {
      const x = -26 + column * 10;
      if (Math.abs(x) >= halfWidth) return '';
      return `<ellipse cx="${x + between(-1, 1)}" cy="${y + between(-1, 1)}" rx="1.300" ry="2.300"/>`;
    });
  });
  return [
    `<path d="M-34 -16 Q-36 -30 0 -28 Q36 -30 34 -16 Q30 20 0 46 Q-30 20 -34 -16Z" fill="${colour(354, 85, 46)}"/>`,
    `<g fill="#ffe28a">${seeds}</g>`,
    '<path d="M0 -26 l-22 -8 l12 -2 l-6 -10 l12 6 l4 -10 l4 10 l12 -6 l-6 10 l12 2Z" ',
    `fill="${colour(110, 55, 34)}"/>`,
  ].join('');
}

export function orange({ between, colour }: Brush): string {
  const pores = repeat(60, () => {
    const [angle, radius] = [between(0, TURN), between(0, 40)];
    return `<circle cx="${radius * Math.cos(angle)}" cy="${radius * Math.sin(angle)}" r=".9"/>`;
  });
  return [
    roundShading(colour(34, 98, 68), colour(30, 96, 54), colour(24, 90, 38)),
    `<circle r="44" fill="url(#b)"/><g fill="#b85a00" opacity=".5">${pores}</g>`,
    `<path d="M0 -42 q${between(4, 8)} -10 ${between(16, 22)} -6 q-6 10 -20 6Z" fill="${colour(115, 50, 34)}"/>`,
    '<circle cy="-41" r="2.600" fill="#4a5a20"/>',
  ].join('');
}

export function lemon({ between, colour }: Brush): string {
  return [
    roundShading(colour(56, 96, 78), colour(53, 92, 58), colour(48, 85, 42)),
    `<path d="M-48 0 Q-40 -4 -36 ${between(-16, -11)} Q0 ${between(-42, -34)} 34 -14 Q40 -4 48 0 Q40 5 34 14 `,
    `Q0 ${between(34, 42)} -36 13 Q-40 4 -48 0Z" fill="url(#b)"/>`,
    '<ellipse cx="-12" cy="-12" rx="11" ry="5" fill="#fff" opacity=".35" transform="rotate(-20 -12 -12)"/>',
  ].join('');
}

export function banana({ between, whole, colour }: Brush): string {
  const bunch = repeat(whole(1, 3), (fruit) =>
    [
      `<g transform="rotate(${fruit * between(14, 20)} -34 -26)">`,
      `<path d="M-38 -32 Q${between(-34, -26)} ${between(24, 34)} 40 ${between(22, 30)} Q46 24 42 18 Q0 ${between(14, 22)} -28 -32Z" `,
      `fill="${colour(50, 92, 56, 5)}" stroke="${colour(44, 80, 38)}" stroke-width="1.500"/>`,
      `<path d="M-34 -28 Q-20 22 40 23" stroke="${colour(44, 70, 44)}" stroke-width="1.400" fill="none"/>`,
      '<path d="M40 18 l6 2 l-1 6 l-6 0Z" fill="#4b3a1a"/></g>',
    ].join(''),
  );
  return `${bunch}<rect x="-40" y="-42" width="9" height="12" fill="#6b5a1e" transform="rotate(-10 -36 -36)"/>`;
}

export function daisy({ between, whole, colour }: Brush): string {
  const count = whole(12, 20);
  const petals = repeat(count, (petal) =>
    [
      `<ellipse cy="-29" rx="${170 / count / 2 + 1}" ry="19" transform="rotate(${(360 * petal) / count + between(-3, 3)})" `,
      `fill="${colour(50, 20, 96, 2)}" stroke="#cfd4d6" stroke-width=".8"/>`,
    ].join(''),
  );
  return [
    `${petals}<circle r="${between(12, 16)}" fill="${colour(46, 92, 52)}"/>`,
    `<circle r="7" fill="${colour(38, 90, 44)}"/>`,
  ].join('');
}

export function acorn({ between, colour }: Brush): string {
  return [
    `<path d="M-27 -8 Q-26 28 0 ${between(42, 48)} Q26 28 27 -8Z" fill="${colour(30, 60, 44)}"/>`,
    `<path d="M-34 -8 Q-34 -34 0 -34 Q34 -34 34 -8 Q0 2 -34 -8Z" fill="${colour(26, 40, 28)}"/>`,
    '<g stroke="#00000055" stroke-width="1.300" fill="none">',
    '<path d="M-28 -22 Q0 -12 28 -22 M-33 -13 Q0 -3 33 -13 M-18 -32 L-24 -6 M0 -34 V-3 M18 -32 L24 -6"/></g>',
    `<path d="M0 -34 q${between(-3, 3)} -8 ${between(2, 6)} -13" stroke="#4b3620" stroke-width="4" fill="none"/>`,
    '<ellipse cx="-9" cy="12" rx="5" ry="14" fill="#fff" opacity=".16"/>',
  ].join('');
}
