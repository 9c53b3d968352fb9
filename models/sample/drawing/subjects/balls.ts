import type { Brush } from '../brush.ts';
import { corners, repeat, roundShading } from '../svg.ts';

/** Radius of a ball in the subject's square from -50 to 50. */
const RADIUS = 46;
const BALL = `<circle r="${RADIUS}" fill="url(#b)"/>`;

const DIMPLE_SPACING = 9;

export function basketball({ between, colour }: Brush): string {
  return [
    roundShading(colour(26, 82, 66), colour(22, 80, 50), colour(18, 75, 30)),
    `${BALL}<g stroke="#1c120c" stroke-width="${between(2, 3)}" fill="none"><path d="M-46 0 H46 M0 -46 V46"/>`,
    '<path d="M-33 -32 Q-6 0 -33 32"/><path d="M33 -32 Q6 0 33 32"/></g>',
  ].join('');
}

export function golfBall({ between }: Brush): string {
  const dimples = repeat(10, (row) => {
    const y = -42 + row * DIMPLE_SPACING;
    const isIndented = row % 2 === 1;
    return repeat(isIndented ? 9 : 10, (column) => {
      const x = -42 + (isIndented ? DIMPLE_SPACING / 2 : 0) + column * DIMPLE_SPACING;
      return x * x + y * y < 42 * 42 ? `<circle cx="${x}" cy="${y}" r="3"/>` : '';
    });
  });
  return [
    `${roundShading('#ffffff', '#eef0ef', '#aab0b0')}${BALL}`,
    `<g fill="#c9cfcf" stroke="#fff" stroke-width=".7" transform="rotate(${between(0, 90)})">${dimples}</g>`,
  ].join('');
}

export function soccerBall({ between }: Brush): string {
  const around = repeat(5, (patch) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * patch) / 5;
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    return [
      `<path d="M${15 * x} ${15 * y} L${31 * x} ${31 * y}" stroke="#222" stroke-width="2"/>`,
      `<polygon points="${corners(5, 12, angle, 40 * x, 40 * y)}" fill="#161616"/>`,
    ].join('');
  });
  return [
    roundShading('#fff', '#f3f3f3', '#b5b5b5', `<clipPath id="c"><circle r="${RADIUS}"/></clipPath>`),
    `${BALL}<g clip-path="url(#c)"><g transform="rotate(${between(0, 72)})">`,
    `<polygon points="${corners(5, 15, -Math.PI / 2)}" fill="#161616"/>${around}</g></g>`,
  ].join('');
}

export function tennisBall({ between, colour }: Brush): string {
  return [
    `${roundShading(colour(68, 90, 76), colour(68, 85, 56), colour(72, 75, 36))}${BALL}`,
    `<g fill="none" stroke="#fbfff0" stroke-width="${between(3, 4.6)}" transform="rotate(${between(0, 180)})">`,
    '<path d="M-36 -29 Q-4 0 -36 29"/><path d="M36 -29 Q4 0 36 29"/></g>',
  ].join('');
}
