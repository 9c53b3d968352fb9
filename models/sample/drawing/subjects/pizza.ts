import type { Brush } from '../brush.ts';
import { repeat } from '../svg.ts';

/** Largest random angle around the centre, in radians: almost a full turn. */
const TURN = 6.3;

export function pizza({ between, whole, colour }: Brush): string {
  let toppings = '';
  // The limit is chosen again before each slice of salami, which makes small numbers more likely.
  for (let slice = 0; slice < whole(6, 10); slice += 1) {
    const [angle, radius] = [between(0, TURN), between(4, 32)];
    toppings += `<circle cx="${radius * Math.cos(angle)}" cy="${radius * Math.sin(angle)}" r="${between(4, 7)}" fill="${colour(6, 70, 40)}"/>`;
  }
  toppings += repeat(12, () => {
    const [angle, radius] = [between(0, TURN), between(2, 35)];
    return `<ellipse cx="${radius * Math.cos(angle)}" cy="${radius * Math.sin(angle)}" rx="2.600" ry="1.500" fill="${colour(110, 45, 34)}"/>`;
  });
  const cuts = repeat(
    4,
    (cut) =>
      `<path d="M-46 0 H46" transform="rotate(${cut * 45})" stroke="${colour(32, 60, 40)}" stroke-width="1.200"/>`,
  );
  return [
    `<circle r="47" fill="${colour(32, 65, 52)}"/><circle r="40" fill="${colour(8, 75, 46)}"/>`,
    `<circle r="38" fill="${colour(44, 88, 66)}"/>${toppings}${cuts}`,
  ].join('');
}
