import { type Brush, createBrush, type Random, svg } from './brush.ts';
import * as balls from './subjects/balls.ts';
import * as food from './subjects/food.ts';
import * as household from './subjects/household.ts';
import * as nature from './subjects/nature.ts';
import * as outdoors from './subjects/outdoors.ts';
import * as patterns from './subjects/patterns.ts';

/** What can be drawn, by ImageNet-1k index. Each draws inside the square from -50 to 50. */
const SUBJECTS: Readonly<Record<number, (brush: Brush) => string>> = {
  1: nature.goldfish,
  301: nature.ladybug,
  327: nature.starfish,
  409: household.analogClock,
  417: balls.balloon,
  430: balls.basketball,
  470: household.candle,
  504: household.coffeeMug,
  543: household.dumbbell,
  549: household.envelope,
  574: balls.golfBall,
  599: patterns.honeycomb,
  604: household.hourglass,
  646: patterns.maze,
  695: household.padlock,
  805: balls.soccerBall,
  815: nature.spiderWeb,
  837: household.sunglasses,
  852: balls.tennisBall,
  879: household.umbrella,
  918: patterns.crosswordPuzzle,
  919: outdoors.streetSign,
  920: outdoors.trafficLight,
  947: nature.mushroom,
  949: food.strawberry,
  950: food.orange,
  951: food.lemon,
  954: food.banana,
  963: food.pizza,
  980: outdoors.volcano,
  985: nature.daisy,
  988: nature.acorn,
};

/** ImageNet-1k indices that can be drawn, ascending. */
export const DRAWABLE: readonly number[] = Object.keys(SUBJECTS).map(Number);

/**
 * One picture of class `index`, as SVG text of `width` x `height` pixels: the subject in a random shape, colour and pose before a random
 * background. The picture is a function of the generator's numbers and nothing else.
 * @throws {RangeError} for an index that is not in DRAWABLE
 */
export function drawSvg(index: number, random: Random, width: number, height: number): string {
  const subject = SUBJECTS[index];
  if (subject === undefined)
    throw new RangeError(`class ${index} cannot be drawn: expected one of ${DRAWABLE.join(', ')}`);
  const brush = createBrush(random);
  const { between, whole } = brush;
  const background = drawBackground(brush, width, height);
  const scale = (Math.min(width, height) / 100) * between(0.62, 0.98);
  const tilt = between(-24, 24);
  const [x, y] = [width / 2 + between(-0.09, 0.09) * width, height / 2 + between(-0.09, 0.09) * height];
  const mirrored = whole(0, 1) ? 1 : -1;
  return svg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${background}`,
    `<g transform="translate(${x} ${y}) rotate(${tilt}) scale(${scale * mirrored} ${scale})">${subject(brush)}</g></svg>`,
  );
}

/** Plain, a slope between two colours, or (half of the pictures) scattered shapes of one hue. */
function drawBackground(brush: Brush, width: number, height: number): string {
  const { between, whole, hsl, pick } = brush;
  const kind = whole(0, 3);
  const plain = `<rect width="${width}" height="${height}" fill="${hsl(between(0, 360), between(5, 60), between(25, 90))}"/>`;
  if (kind === 0) return plain;
  if (kind === 1) {
    return svg(
      `<defs><linearGradient id="g" x2="${between(0, 1)}" y2="1"><stop stop-color="${hsl(between(0, 360), 45, 70)}"/>`,
      `<stop offset="1" stop-color="${hsl(between(0, 360), 45, 40)}"/></linearGradient></defs>`,
      `<rect width="${width}" height="${height}" fill="url(#g)"/>`,
    );
  }
  const hue = between(0, 360);
  const colour = () => hsl(hue, 35, between(20, 85), 30);
  const point = () => `${between(0, width)} ${between(0, height)}`;
  const circle = () =>
    svg(
      `<circle cx="${between(0, width)}" cy="${between(0, height)}" r="${between(4, width / 5)}" `,
      `fill="${colour()}" opacity="${between(0.2, 0.8)}"/>`,
    );
  const rectangle = () =>
    svg(
      `<rect x="${between(-20, width)}" y="${between(-20, height)}" width="${between(8, width / 2)}" height="${between(8, height / 2)}" `,
      `fill="${colour()}" opacity="${between(0.2, 0.8)}" transform="rotate(${between(0, 90)} ${width / 2} ${height / 2})"/>`,
    );
  const curve = () =>
    `<path d="M${point()} Q${point()} ${point()}" stroke="${colour()}" stroke-width="${between(1, 14)}" fill="none" opacity=".6"/>`;
  let shapes = plain;
  // The bound is drawn anew before each shape: that is how the training pictures came about.
  for (let count = 0; count < whole(4, 16); count += 1) shapes += pick([circle, rectangle, curve])();
  return shapes;
}
