import type { Pictures } from './pictures.ts';
import type { Basis, Measure, Series } from './rounds.ts';
import { type Reply, RunningSide, type Side } from './side.ts';

/** Rounds of each measurement; within a round the sides take turns. */
const SMALL_ROUNDS = 7;
const PHOTOGRAPH_ROUNDS = 4;
const STARTS = 5;

/** Measures how long every side needs for the pictures, one after the other. */
export async function measureWarm(sides: ReadonlyMap<Side, RunningSide>, pictures: Pictures): Promise<Series[]> {
  return [
    ...(await measurePictures(sides, 'small pictures', pictures.small, SMALL_ROUNDS)),
    ...(await measurePictures(sides, 'photographs', pictures.photographs, PHOTOGRAPH_ROUNDS)),
  ];
}

/** Measures from the start of a process to its first answer, and its largest memory until then. */
export async function measureCold(sides: readonly Side[], picture: string, core: number): Promise<Series[]> {
  const figures = new Map(sides.map((side) => [side, { cpu: [], wall: [], peak: [] } as Record<Basis, number[]>]));
  for (let start = 0; start < STARTS; start += 1) {
    for (const [side, { cpu, wall, peak }] of figures) {
      const startedAt = performance.now();
      const running = new RunningSide(side, core);
      const reply = await running.ask(picture);
      wall.push(performance.now() - startedAt);
      await running.close();
      cpu.push(reply.cpuMsSinceStart);
      peak.push(reply.peakMb);
    }
  }
  return [...figures].flatMap(([side, { cpu, wall, peak }]): Series[] => [
    { side, measure: 'start to first answer', basis: 'cpu', rounds: cpu },
    { side, measure: 'start to first answer', basis: 'wall', rounds: wall },
    { side, measure: 'memory', basis: 'peak', rounds: peak },
  ]);
}

/** Measures the mean time for a picture, in each round. */
async function measurePictures(
  sides: ReadonlyMap<Side, RunningSide>,
  measure: Measure,
  pictures: readonly string[],
  rounds: number,
): Promise<Series[]> {
  const replies = new Map([...sides.keys()].map((side) => [side, [] as Reply[][]]));
  // Round 0 warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const all of replies.values()) all.push([]);
    for (const picture of pictures) {
      for (const [side, running] of sides)
        replies
          .get(side)
          ?.at(-1)
          ?.push(await running.ask(picture));
    }
  }
  return [...replies].flatMap(([side, all]): Series[] => {
    const mean = (field: 'cpuMs' | 'wallMs') =>
      all.slice(1).map((round) => round.reduce((sum, reply) => sum + reply[field], 0) / round.length);
    return [
      { side, measure, basis: 'cpu', rounds: mean('cpuMs') },
      { side, measure, basis: 'wall', rounds: mean('wallMs') },
    ];
  });
}
