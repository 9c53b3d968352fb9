import { drawBackground } from './background.ts';
import { type Brush, createBrush, type Random } from './brush.ts';
import { goldfish, ladybug, starfish } from './subjects/animals.ts';
import { basketball, golfBall, soccerBall, tennisBall } from './subjects/balls.ts';
import {
  analogClock,
  balloon,
  candle,
  coffeeMug,
  dumbbell,
  envelope,
  hourglass,
  padlock,
  sunglasses,
  umbrella,
} from './subjects/household.ts';
import { streetSign, trafficLight, volcano } from './subjects/outdoors.ts';
import { crosswordPuzzle, honeycomb, maze, spiderWeb } from './subjects/patterns.ts';
import { pizza } from './subjects/pizza.ts';
import { acorn, banana, daisy, lemon, mushroom, orange, strawberry } from './subjects/plants.ts';

/** Draws one thing as SVG text, in the square from -50 to 50. */
type Subject = (brush: Brush) => string;

/** What can be drawn, by ImageNet-1k index. */
const SUBJECTS: ReadonlyMap<number, Subject> = new Map([
  [1, goldfish],
  [301, ladybug],
  [327, starfish],
  [409, analogClock],
  [417, balloon],
  [430, basketball],
  [470, candle],
  [504, coffeeMug],
  [543, dumbbell],
  [549, envelope],
  [574, golfBall],
  [599, honeycomb],
  [604, hourglass],
  [646, maze],
  [695, padlock],
  [805, soccerBall],
  [815, spiderWeb],
  [837, sunglasses],
  [852, tennisBall],
  [879, umbrella],
  [918, crosswordPuzzle],
  [919, streetSign],
  [920, trafficLight],
  [947, mushroom],
  [949, strawberry],
  [950, orange],
  [951, lemon],
  [954, banana],
  [963, pizza],
  [980, volcano],
  [985, daisy],
  [988, acorn],
]);

/** Width and height of the square in which subjects are drawn. */
const SUBJECT_SIDE = 100;

/** The ImageNet-1k indices of the classes that can be drawn, ascending. */
export const DRAWABLE: readonly number[] = [...SUBJECTS.keys()];

/**
 * Draws one picture of a class. Shape, colours, size, tilt, position and background are random; the
 * same random numbers give the same picture.
 * @param width, height of the picture in pixels
 * @returns SVG text
 * @throws {RangeError} when the class cannot be drawn
 * @example
 * drawSvg(963, seeded(1), 224, 224) // a pizza
 */
export function drawSvg(classIndex: number, random: Random, width: number, height: number): string {
  const subject = SUBJECTS.get(classIndex);
  if (!subject) throw new RangeError(`class ${classIndex} cannot be drawn, expected one of ${DRAWABLE.join(', ')}`);
  const brush = createBrush(random);
  const background = drawBackground(brush, width, height);
  const scale = (Math.min(width, height) / SUBJECT_SIDE) * brush.between(0.62, 0.98);
  const tilt = brush.between(-24, 24);
  const x = width / 2 + brush.between(-0.09, 0.09) * width;
  const y = height / 2 + brush.between(-0.09, 0.09) * height;
  const mirror = brush.whole(0, 1) ? 1 : -1;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${background}`,
    `<g transform="translate(${x} ${y}) rotate(${tilt}) scale(${scale * mirror} ${scale})">${subject(brush)}</g></svg>`,
  ].join('');
}
