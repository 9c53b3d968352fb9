import type { Brush } from './brush.ts';

/**
 * Draws the background of a subject as SVG text: one colour, a slope between two, or, half of the
 * time, shapes in one hue.
 */
export function drawBackground(brush: Brush, width: number, height: number): string {
  const { between, whole, colour } = brush;
  const kind = whole(0, 3);
  // This is drawn even if the slope covers it, because the order of random numbers is part of a
  // picture.
  const plain = `<rect width="${width}" height="${height}" fill="${colour(between(0, 360), between(5, 60), between(25, 90))}"/>`;
  if (kind === 0) return plain;
  return kind === 1 ? drawSlope(brush, width, height) : plain + drawShapes(brush, width, height);
}

function drawSlope({ between, colour }: Brush, width: number, height: number): string {
  return [
    `<defs><linearGradient id="g" x2="${between(0, 1)}" y2="1"><stop stop-color="${colour(between(0, 360), 45, 70)}"/>`,
    `<stop offset="1" stop-color="${colour(between(0, 360), 45, 40)}"/></linearGradient></defs>`,
    `<rect width="${width}" height="${height}" fill="url(#g)"/>`,
  ].join('');
}

function drawShapes({ between, whole, oneOf, colour }: Brush, width: number, height: number): string {
  const hue = between(0, 360);
  const x = () => between(0, width);
  const y = () => between(0, height);
  const paint = () => colour(hue, 35, between(20, 85), 30);
  const opacity = () => between(0.2, 0.8);
  const circle = () =>
    `<circle cx="${x()}" cy="${y()}" r="${between(4, width / 5)}" fill="${paint()}" opacity="${opacity()}"/>`;
  const rectangle = () =>
    [
      `<rect x="${between(-20, width)}" y="${between(-20, height)}" width="${between(8, width / 2)}" height="${between(8, height / 2)}" `,
      `fill="${paint()}" opacity="${opacity()}" transform="rotate(${between(0, 90)} ${width / 2} ${height / 2})"/>`,
    ].join('');
  const stroke = () =>
    [
      `<path d="M${x()} ${y()} Q${x()} ${y()} ${x()} ${y()}" stroke="${paint()}" `,
      `stroke-width="${between(1, 14)}" fill="none" opacity=".6"/>`,
    ].join('');
  let shapes = '';
  // The limit is chosen again before each shape, which makes small numbers more likely.
  for (let shape = 0; shape < whole(4, 16); shape += 1) shapes += oneOf([circle, rectangle, stroke])();
  return shapes;
}
