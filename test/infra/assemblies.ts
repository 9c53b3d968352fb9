import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildOnce } from '../../layers/build-once.ts';
import { filesIn } from '../../layers/measure-tree.ts';
import { foldersUpTo, readFloors } from '../floors.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';
import { pathOf } from './path-of.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Readonly<Record<string, unknown>>;
  readonly Metadata?: { readonly 'aws:cdk:path'?: string };
}

export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Conditions?: Record<string, unknown>;
  readonly Outputs: Record<string, { readonly Value: unknown; readonly Description?: string }>;
}

/** A finding of a rule pack or of a schema. */
export interface Finding {
  readonly ruleName: string;
  readonly description: string;
  readonly violatingConstructs: { readonly constructPath: string }[];
}

export interface Assembly {
  readonly template: Template;
  /** What is deployed, byte for byte: the template and the list of files that are uploaded. */
  readonly files: readonly string[];
  /** The same of another synthesis. */
  readonly filesAgain: readonly string[];
  readonly terminationProtection: boolean;
  readonly findings: readonly Finding[];
}

const PROGRAM = fileURLToPath(new URL('synth-program.ts', import.meta.url));
/** Old entries do no harm. `npm ci` removes them together with node_modules. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/autoswiftnet-synth', import.meta.url));
const HASH_DIGITS = 16;
const DEPLOYED_FILES = ['AutoSwiftNet.template.json', 'AutoSwiftNet.assets.json'] as const;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Limit for one process that synthesizes all configurations of a test file, on two busy cores. */
const SYNTH_TIMEOUT_MS = 300_000;

/** Makes the assemblies of the configurations before the first test of a file. */
export function useAssemblies(): (name?: ContextName) => Assembly {
  let assemblies: Record<ContextName, Assembly>;
  beforeAll(() => {
    assemblies = synthesizeAll();
  }, SYNTH_TIMEOUT_MS);
  return (name = 'default') => assemblies[name];
}

/** Makes the assembly of each of `CONTEXTS`. */
function synthesizeAll(): Record<ContextName, Assembly> {
  const folder = synthesizedFolder();
  const readText = (path: string) => readFileSync(join(folder, path), 'utf8');
  const read = (path: string) => JSON.parse(readText(path));
  const assemblies = (Object.keys(CONTEXTS) as ContextName[]).map((name) => {
    const { pluginReports } = read(`${name}/validation-report.json`);
    const findings = pluginReports.flatMap(({ violations }: { violations: Finding[] }) => violations);
    const { properties } = read(`${name}/manifest.json`).artifacts.AutoSwiftNet;
    const assembly: Assembly = {
      template: read(`${name}/AutoSwiftNet.template.json`),
      files: DEPLOYED_FILES.map((file) => readText(`${name}/${file}`)),
      filesAgain: DEPLOYED_FILES.map((file) => readText(`again/${name}/${file}`)),
      terminationProtection: properties.terminationProtection === true,
      findings,
    };
    return [name, assembly];
  });
  return Object.fromEntries(assemblies);
}
/**
 * Synthesizes all configurations, and the apps of `CONSTRUCT_APPS`, into one folder. Loading the CDK and its rule packs costs a process 13 s
 * of processor time, whatever it synthesizes. So test files share one synthesis, which is cached by
 * the content of everything it is made from.
 */
export function synthesizedFolder(): string {
  return buildOnce(join(CACHE, sourceHash()), (draft) => {
    execFileSync(process.execPath, ['--import', 'tsx', PROGRAM, draft, JSON.stringify(CONTEXTS)], {
      cwd: ROOT,
      stdio: 'pipe',
    });
  });
}

function sourceHash(): string {
  const hash = createHash('sha256');
  for (const file of [
    'package-lock.json',
    'cdk.json',
    'test/infra/synth-program.ts',
    'test/infra/configurations.ts',
    'test/infra/construct-apps.ts',
    'test/infra/refused-props.ts',
  ]) {
    hash.update(readFileSync(join(ROOT, file)));
  }
  for (const folder of foldersUpTo(readFloors(), 'infra/')) {
    for (const path of filesIn(join(ROOT, folder)).filter(
      (name) => !name.startsWith('cache') && /\.(tsx?|js|pth)$/.test(name),
    )) {
      hash.update(`${folder}${path}\0`).update(readFileSync(join(ROOT, folder, path)));
    }
  }
  return hash.digest('hex').slice(0, HASH_DIGITS);
}

/**
 * Returns the resources of a type whose path in the construct tree starts like this, by logical id.
 */
export function resourcesOf({ Resources }: Template, type: string, path = '', stack = 'AutoSwiftNet'): Resource[] {
  return Object.values(Resources).filter(
    (resource) => resource.Type === type && pathOf(resource).startsWith(`${stack}/${path}`),
  );
}

/** Returns the properties of the only resource of that kind. */
export function onlyResource(
  template: Template,
  type: string,
  path = '',
  stack = 'AutoSwiftNet',
): Record<string, unknown> {
  const found = resourcesOf(template, type, path, stack);
  if (found.length !== 1) throw new Error(`expected one ${type} under ${path}, found ${found.length}`);
  return found[0]?.Properties ?? {};
}
