import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { InvalidArgumentError } from '../../classifier/errors.ts';
import { ASSETS, DOCUMENT, type PageFile } from './page-file.ts';

const SOURCES = fileURLToPath(new URL('..', import.meta.url));

/** Placeholders in index.html, with the file whose name replaces them. */
const PLACEHOLDERS = [
  ['%SCRIPT%', /\/main-\w+\.js$/],
  ['%STYLE%', /\.css$/],
  ['%ICON%', /\.svg$/],
] as const;

/** Browsers since 2024: nesting, `:has()`, `light-dark()`, `AbortSignal.any()`. */
const TARGET = ['chrome123', 'firefox124', 'safari17.5'];

const HASH_LENGTH = 8;

/** The script that the document names. */
const FIRST = 'main.tsx';

/** The scripts that every visit needs. */
const SOON: ReadonlySet<string> = new Set([FIRST, 'api/schemas.ts']);

/**
 * Bundles the page in memory: its script, the scripts that this loads later, a style sheet, an icon,
 * the example pictures, and the document. The same sources give the same bytes.
 */
export async function buildPage(): Promise<PageFile[]> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: SOURCES,
    entryPoints: [FIRST, 'styles/page.css'],
    outdir: SOURCES,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    metafile: true,
    publicPath: ASSETS,
    loader: { '.webp': 'file' },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: TARGET,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const assets = [
    ...outputFiles.map(({ path, contents }) => ({ path: ASSETS + basename(path), body: contents })),
    await icon(),
  ];
  const template = await readFile(join(SOURCES, 'index.html'), 'utf8');
  const document = preload(fillIn(template, assets), neededSoon(metafile));
  return [{ path: DOCUMENT, body: Buffer.from(document) }, ...assets];
}

async function icon(): Promise<PageFile> {
  const body = await readFile(join(SOURCES, 'icon.svg'));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, HASH_LENGTH);
  return { path: `${ASSETS}icon-${hash}.svg`, body };
}

function fillIn(template: string, assets: readonly PageFile[]): string {
  return PLACEHOLDERS.reduce((text, [placeholder, name]) => {
    const file = assets.find(({ path }) => name.test(path));
    if (file === undefined || !text.includes(placeholder)) {
      throw new InvalidArgumentError(
        `web/index.html must contain ${placeholder}, and the page must have a file to name there, like ${name}`,
      );
    }
    return text.replaceAll(placeholder, file.path);
  }, template);
}

/** Lists the scripts that every visit needs besides the first: the schemas, and what both import. */
function neededSoon({ outputs }: Metafile): string[] {
  const bundles = Object.entries(outputs).filter(([, { entryPoint = '' }]) => SOON.has(entryPoint));
  const later = bundles.filter(([, { entryPoint }]) => entryPoint !== FIRST).map(([path]) => path);
  const imports = bundles.flatMap(([, output]) => output.imports.filter(({ kind }) => kind === 'import-statement'));
  return [...new Set([...later, ...imports.map(({ path }) => path)])].map((path) => ASSETS + basename(path)).sort();
}

/** Lets the browser load scripts beside the first, instead of when that asks for them. */
function preload(document: string, paths: readonly string[]): string {
  const links = paths.map((path) => `<link rel="modulepreload" href="${path}">`);
  return document.replace('%PRELOADS%', links.join('\n    '));
}
