import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Resource, Template } from '../assemblies.ts';
import { pathOf } from '../path-of.ts';

/** A function of the assembly, with its files laid out as Lambda does it. */
export interface LaidOutFunction {
  /** Folder that holds `task`, `opt` and `runtime`. */
  readonly parts: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** The declared values: text, or a reference to another resource of the template. */
  readonly variables: Readonly<Record<string, string | { readonly Ref: string }>>;
}

/** A synthesized assembly. */
export interface SynthesizedApp {
  readonly template: Template;
  /** Returns the folder of an asset by its hash. */
  assetFolder(hash: string): string;
}

interface FunctionProperties {
  readonly Code: Asset;
  readonly Handler: string;
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly Layers?: { readonly Ref: string }[];
  readonly Environment: { readonly Variables: LaidOutFunction['variables'] };
}

interface Asset {
  readonly S3Key: string;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const RUNTIME = fileURLToPath(new URL('runtime', import.meta.url));

/**
 * Runs the app itself, as `cdk synth` does, with the real artefacts. CloudFormation's schemas are left out: they take half of
 * the synthesis, and `test/infra/stack.test.ts` looks at what they find.
 */
export async function synthesizeApp(
  folder: string,
  modelsDir: string,
  context: Readonly<Record<string, unknown>>,
): Promise<SynthesizedApp> {
  const out = join(folder, 'cdk.out');
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'infra/app.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      AUTOSWIFTNET_MODELS: modelsDir,
      CDK_OUTDIR: out,
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:enable-path-metadata': true, ...context }),
    },
  });
  const read = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8'));
  const { files } = read('AutoSwiftNet.assets.json');
  return {
    template: read('AutoSwiftNet.template.json'),
    assetFolder: (hash) => join(out, files[hash].source.path),
  };
}

/**
 * Lays out the function of the construct at a path: its code, and its layers on top of each other.
 */
export function layOut({ template, assetFolder }: SynthesizedApp, path: string, folder: string): LaidOutFunction {
  const properties = functionAt(template, path);
  const parts = join(folder, path.replaceAll('/', '-'));
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(join(parts, 'opt'), { recursive: true });
  cpSync(folderOf(properties.Code), join(parts, 'task'), { recursive: true });
  cpSync(RUNTIME, join(parts, 'runtime'), { recursive: true });
  for (const { Ref } of properties.Layers ?? []) {
    const layer = template.Resources[Ref]?.Properties as { Content: Asset } | undefined;
    if (layer === undefined) throw new Error(`expected a layer ${Ref}, found none`);
    cpSync(folderOf(layer.Content), join(parts, 'opt'), { recursive: true });
  }
  return {
    parts,
    handler: properties.Handler,
    memoryMb: properties.MemorySize,
    timeoutMs: properties.Timeout * 1000,
    variables: properties.Environment.Variables,
  };

  function folderOf({ S3Key }: Asset): string {
    return assetFolder(S3Key.replace(/\.zip$/, ''));
  }
}

function functionAt({ Resources }: Template, path: string): FunctionProperties {
  const found = Object.values(Resources).find(
    (resource: Resource) =>
      resource.Type === 'AWS::Lambda::Function' && pathOf(resource) === `AutoSwiftNet/${path}/Function/Resource`,
  );
  if (found === undefined) throw new Error(`expected a function at ${path}, found none`);
  return found.Properties as unknown as FunctionProperties;
}
