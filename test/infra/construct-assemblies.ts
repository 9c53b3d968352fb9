import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, synthesizedFolder, type Template } from './assemblies.ts';
import type { ConstructAppName } from './construct-apps.ts';

/** A synthesized app of somebody who uses the constructs. */
export interface ConstructAssembly {
  /** The template of a stack, by its name. */
  readonly template: (stack: string) => Template;
  readonly findings: readonly Finding[];
}

/** Limit for one process that synthesizes all configurations and apps, on two busy cores. */
const SYNTH_TIMEOUT_MS = 300_000;

/** Makes the assemblies before the first test of a file. They share the synthesis of all files. */
export function useConstructs(): (name: ConstructAppName) => ConstructAssembly {
  let folder: string;
  beforeAll(() => {
    folder = synthesizedFolder();
  }, SYNTH_TIMEOUT_MS);
  return (name) => {
    const read = (file: string) => JSON.parse(readFileSync(join(folder, 'constructs', name, file), 'utf8'));
    return {
      template: (stack) => read(`${stack}.template.json`),
      findings: read('validation-report.json').pluginReports.flatMap(
        ({ violations }: { violations: Finding[] }) => violations,
      ),
    };
  };
}
