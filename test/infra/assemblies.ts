import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly Metadata?: { readonly 'aws:cdk:path'?: string };
}

export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { readonly Value: unknown; readonly Description?: string }>;
}

/** A rule pack's or a schema's finding. */
export interface Finding {
  readonly ruleName: string;
  readonly description: string;
  readonly violatingConstructs: { readonly constructPath: string }[];
}

export interface Assembly {
  readonly template: Template;
  readonly findings: readonly Finding[];
}

const PROGRAM = fileURLToPath(new URL('synth-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Of one process that synthesizes all configurations of a test file, on two busy cores. */
export const SYNTH_TIMEOUT_MS = 120_000;

/** Synthesizes each context. */
export async function synthesize<Name extends string>(
  contexts: Readonly<Record<Name, Readonly<Record<string, unknown>>>>,
): Promise<Record<Name, Assembly>> {
  const folder = await mkdtemp(join(tmpdir(), 'synth-'));
  try {
    await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, folder, JSON.stringify(contexts)], {
      cwd: ROOT,
      maxBuffer: 64 * 1024 * 1024,
    });
    const read = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8'));
    const assemblies: Partial<Record<Name, Assembly>> = {};
    for (const name of Object.keys(contexts) as Name[]) {
      const { pluginReports } = await read(`${name}/validation-report.json`);
      assemblies[name] = {
        template: await read(`${name}/AutoSwiftNet.template.json`),
        findings: pluginReports.flatMap(({ violations }: { violations: Finding[] }) => violations),
      };
    }
    return assemblies as Record<Name, Assembly>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The resources of a type whose path in the construct tree begins so, by logical id. */
export function resourcesOf({ Resources }: Template, type: string, path = ''): Resource[] {
  return Object.values(Resources).filter(
    (resource) =>
      resource.Type === type && (resource.Metadata?.['aws:cdk:path'] ?? '').startsWith(`AutoSwiftNet/${path}`),
  );
}

/** The properties of the one such resource. */
export function onlyResource(template: Template, type: string, path = ''): Record<string, unknown> {
  const found = resourcesOf(template, type, path);
  if (found.length !== 1) throw new Error(`expected one ${type} under ${path}, found ${found.length}`);
  return found[0]?.Properties ?? {};
}
