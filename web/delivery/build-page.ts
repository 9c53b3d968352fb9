import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { InvalidArgumentError } from '../../classifier/errors.ts';
import { ASSETS, DOCUMENT, type PageFile } from './page-file.ts';

const SOURCES = fileURLToPath(new URL('..', import.meta.url));

/** Placeholders in index.html, with the extension of the file whose name replaces them. */
const PLACEHOLDERS = [
  ['%SCRIPT%', '.js'],
  ['%STYLE%', '.css'],
  ['%ICON%', '.svg'],
] as const;

/** Browsers since 2024: nesting, `:has()`, `light-dark()`. */
const TARGET = ['chrome123', 'firefox121', 'safari17.5'];

const HASH_LENGTH = 8;

/**
 * Bundles the page in memory: one script, one style sheet, an icon, the example pictures, and the
 * document. The same sources give the same bytes.
 */
export async function buildPage(): Promise<PageFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: SOURCES,
    entryPoints: ['main.tsx', 'styles/page.css'],
    outdir: SOURCES,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
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
  return [{ path: DOCUMENT, body: Buffer.from(fillIn(template, assets)) }, ...assets];
}

async function icon(): Promise<PageFile> {
  const body = await readFile(join(SOURCES, 'icon.svg'));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, HASH_LENGTH);
  return { path: `${ASSETS}icon-${hash}.svg`, body };
}

function fillIn(template: string, assets: readonly PageFile[]): string {
  return PLACEHOLDERS.reduce((text, [placeholder, extension]) => {
    const file = assets.find(({ path }) => path.endsWith(extension));
    if (file === undefined || !text.includes(placeholder)) {
      throw new InvalidArgumentError(
        `web/index.html must contain ${placeholder}, and the page must have a ${extension} file to name there`,
      );
    }
    return text.replaceAll(placeholder, file.path);
  }, template);
}
