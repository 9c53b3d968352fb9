import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface PackedPackage {
  /** The packed file, a .tgz. */
  readonly file: string;
  readonly version: string;
  readonly paths: readonly string[];
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

/** Files that every package must contain. */
const NEEDED = [
  'README.md',
  'LICENSE',
  'NOTICE',
  'CHANGELOG.md',
  'SECURITY.md',
  'models/sample/sample.pth',
  'web/page/index.html',
  'cdk/index.js',
  'cdk/types/infra/index.d.ts',
  'cdk/prepared/runtime-lock.json',
  'cdk/prepared/page/index.html',
  'cdk/prepared/models/sample/weights.bin',
  'cdk/prepared/functions/tag-upload/index.mjs',
];

/**
 * Files that do not belong in the package: TypeScript sources, tests, and what only a clone runs.
 */
const UNWANTED =
  /(?<!\.d)\.tsx?$|^(test|bench|infra|layers|scripts|docs|node_modules)\/|(^|\/)(models\/cache|\.npmrc|tsconfig|jest\.config)/;

/**
 * The largest package that is accepted. Packed, the sample model takes 3.2 MB as a package for the
 * CDK and about as much as a checkpoint, and the functions' bundles take 1.5 MB.
 */
const MAX_PACKED_BYTES = 10_000_000;

/**
 * Packs a built folder as `npm publish` does.
 * @throws {Error} naming what is missing, what does not belong there, or that it is too large
 */
export function pack(dist: string, destination: string): PackedPackage {
  const printed = execFileSync('npm', ['pack', dist, '--json', '--pack-destination', destination], {
    encoding: 'utf8',
  });
  const [{ filename, version, files, size, unpackedSize }] = JSON.parse(printed);
  const paths: string[] = files.map(({ path }: { path: string }) => path);
  const faults = [
    ...NEEDED.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...paths.filter((path) => UNWANTED.test(path)).map((path) => `${path} does not belong there`),
    ...(size > MAX_PACKED_BYTES ? [`it has ${size} bytes, more than the limit of ${MAX_PACKED_BYTES}`] : []),
  ];
  if (faults.length > 0) throw new Error(`the package built from ${dist} has faults:\n${faults.join('\n')}`);
  return { file: join(destination, filename), version, paths, packedBytes: size, unpackedBytes: unpackedSize };
}
