import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A room of floors.json. */
interface Room {
  /**
   * The name of a folder (`checkpoint/`) or a file (`errors.ts`), or `.` for the files that lie
   * directly in the room around it.
   */
  readonly room: string;
  /** The text that CONTRIBUTING shows. */
  readonly does?: string;
  /** All that the room may import from outside itself. Default: everything on the lines below. */
  readonly only?: readonly string[];
  /** The rooms inside it. */
  readonly lines?: Lines;
}

/**
 * Lines of rooms from the ground up. A room imports from the lines below its own, and never from a
 * room on its own line.
 */
export type Lines = readonly (readonly (Room | string)[])[];

/** A room on the path from the repository's root to a file. */
interface Step {
  /** Path from the repository's root. */
  readonly path: string;
  /** Number of lines below its own. */
  readonly line: number;
  readonly does: string | undefined;
  readonly only: readonly string[] | undefined;
}

/** All rooms from the root to one that holds no other rooms. */
type Way = readonly [Step, ...Step[]];

export interface Import {
  readonly from: string;
  readonly to: string;
}

export function readFloors(): Lines {
  return JSON.parse(readFileSync(join(ROOT, 'floors.json'), 'utf8'));
}

/** Every room that says what it does, in the list's order. `line` is the line of its floor. */
export function describedRooms(floors: Lines): { line: number; path: string; does: string }[] {
  const steps = new Map(
    waysOf(floors).flatMap((way) => way.map((step) => [step.path, { ...step, line: way[0].line }])),
  );
  return [...steps.values()].flatMap(({ line, path, does }) => (does === undefined ? [] : [{ line, path, does }]));
}

/** The folders of all floors below one, and its own: everything that it can import. */
export function foldersUpTo(floors: Lines, folder: string): string[] {
  const top = floors.findIndex((rooms) => foldersOf([rooms]).includes(folder));
  return [...foldersOf(floors.slice(0, top)), folder];
}

/** What is wrong with an import, or null. */
export function findFault(floors: Lines, { from, to }: Import): string | null {
  if (/\.test\.tsx?$/.test(to)) return `${from} imports ${to}, which is a test`;
  const ways = waysOf(floors);
  const [here, there] = [findWay(ways, from), findWay(ways, to)];
  if (!here || !there) return `${here ? to : from} is in no room: add it to floors.json`;
  // A test may look at everything.
  if (/\.test\.tsx?$/.test(from)) return null;
  const strict = here.find(({ path, only }) => only && !isIn(to, path) && !only.some((allowed) => isIn(to, allowed)));
  if (strict) return `${from} imports ${to}, but ${strict.path} imports only ${strict.only?.join(', ')} from outside`;
  const depth = here.findIndex(({ path }, index) => path !== there[index]?.path);
  const [mine, other] = [here[depth], there[depth]];
  if (!mine || !other || other.line < mine.line) return null;
  return `${from} imports ${to}, but ${other.path} is ${other.line === mine.line ? 'beside' : 'above'} ${mine.path}`;
}

/** Files that import each other in a circle, the first one again at the end; null if there is none. */
export function findCircle(imports: readonly Import[]): string[] | null {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const to of targets.get(file) ?? []) {
      const circle = visit(to);
      if (circle) return circle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of targets.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return null;
}

/** Every source file of the floors, from the repository's root. */
export function sourceFiles(floors: Lines): string[] {
  return foldersOf(floors).flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(tsx?|m?js)$/.test(name) && !/(^|\/)(cache|fixtures|node_modules)\//.test(name))
      .map((name) => `${folder}${name}`),
  );
}

/**
 * The source files that a file names by a relative path, in whatever way: `import`, `import type`,
 * `import()`, `require` or `new URL`.
 * @param sources all source files
 */
export function importsOf(file: string, sources: ReadonlySet<string>): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const paths = [...text.matchAll(/(['"`])(\.{1,2}\/[^'"`\s]+)\1/g)].map(([, , path = '']) =>
    relative(ROOT, resolve(ROOT, dirname(file), path)),
  );
  return paths.filter((path) => path !== file && sources.has(path)).map((to) => ({ from: file, to }));
}

function foldersOf(floors: Lines): string[] {
  return floors.flat().map((room) => (typeof room === 'string' ? room : room.room));
}

function waysOf(lines: Lines, folder = '', before: readonly Step[] = []): Way[] {
  return lines.flatMap((rooms, line) =>
    rooms.flatMap((entry): Way[] => {
      const room: Room = typeof entry === 'string' ? { room: entry } : entry;
      const step = { path: `${folder}${room.room}`, line, does: room.does, only: room.only };
      const way: Way = before[0] ? [before[0], ...before.slice(1), step] : [step];
      return room.lines ? waysOf(room.lines, step.path, way) : [way];
    }),
  );
}

/** The innermost room that holds a file: the one with the longest path. */
function findWay(ways: readonly Way[], file: string): Way | undefined {
  const last = (way: Way): string => (way.at(-1) ?? way[0]).path;
  return ways.filter((way) => isIn(file, last(way))).sort((a, b) => last(b).length - last(a).length)[0];
}

function isIn(file: string, room: string): boolean {
  if (room.endsWith('/.')) return `${dirname(file)}/.` === room;
  return room.endsWith('/') ? file.startsWith(room) : file === room;
}
