import { buildPage } from '../../../web/delivery/build-page.ts';
import { ASSETS, cacheControlOf, contentTypeOf, DOCUMENT, type PageFile } from '../../../web/delivery/page-file.ts';
import { PAGE_BUDGET_BYTES, sizeReport } from '../../../web/delivery/size-report.ts';

let files: PageFile[];

beforeAll(async () => {
  files = await buildPage();
});

function textOf(path: string): string {
  const file = files.find((one) => one.path === path);
  if (file === undefined) throw new Error(`no ${path}`);
  return new TextDecoder().decode(file.body);
}

test('the page is a document, the files that it names, and the pictures and the login that its script names', () => {
  const named = [...textOf(DOCUMENT).matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  const script = textOf(/src="([^"]+)"/.exec(textOf(DOCUMENT))?.[1] ?? '');
  const pictures = [...script.matchAll(/"(\/assets\/[^"]+\.webp)"/g)].map(([, path]) => path);
  const later = [...script.matchAll(/import\("(\/assets\/[^"]+\.js)"\)/g)].map(([, path]) => path ?? '');
  const login = later.filter((path) => !named.includes(path));

  expect([pictures.length, login.length]).toEqual([6, 1]);
  expect(new Set([DOCUMENT, ...named, ...pictures, ...login])).toEqual(new Set(files.map(({ path }) => path)));
});

test('what the scripts of every visit import is named in the document, so that nothing waits for it', () => {
  const document = textOf(DOCUMENT);
  const scripts = [...document.matchAll(/="([^"]+\.js)"/g)].map(([, path]) => path ?? '');

  const imports = scripts.flatMap((path) =>
    [...textOf(path).matchAll(/(?:from|import)"(\/assets\/[^"]+\.js)"/g)].map(([, imported]) => imported ?? ''),
  );

  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((path) => !scripts.includes(path))).toEqual([]);
});

test('the service is asked for its health beside the scripts, as the page asks for it', () => {
  expect(textOf(DOCUMENT)).toContain('<link rel="preload" href="/health" as="fetch" crossorigin>');
});

test('nothing is inline, so that the policy need not allow it', () => {
  const document = textOf(DOCUMENT);

  expect(document).not.toMatch(/<style|\sstyle=|\son\w+=/i);
  expect([...document.matchAll(/<script[^>]*>([^<]*)<\/script>/g)].map(([, code]) => code)).toEqual(['']);
});

test('no script makes formatters of Intl at its start, because that takes longer than drawing the page', () => {
  const scripts = files.filter(({ path }) => path.endsWith('.js'));

  expect(scripts.filter(({ path }) => textOf(path).includes('new Intl'))).toEqual([]);
});

test('no other origin is contacted', () => {
  const [style = ''] = files.map(({ path }) => path).filter((path) => path.endsWith('.css'));

  expect(textOf(DOCUMENT)).not.toMatch(/https?:/);
  expect(textOf(style)).not.toMatch(/url\(|@import/);
});

test('the same sources give the same bytes', async () => {
  expect(await buildPage()).toEqual(files);
});

test('everything together stays below the budget of 60 kB gzipped', () => {
  const { lines, totalGzipBytes } = sizeReport(files);

  expect(PAGE_BUDGET_BYTES).toBe(60_000);
  expect(lines).toHaveLength(files.length + 1);
  expect(totalGzipBytes).toBeGreaterThan(10_000);
  expect(totalGzipBytes).toBeLessThan(PAGE_BUDGET_BYTES);
});

test('the headers of a file follow from its path', () => {
  expect(files.map(({ path }) => contentTypeOf(path)).sort()).toEqual([
    'image/svg+xml',
    ...Array(6).fill('image/webp'),
    'text/css; charset=utf-8',
    'text/html; charset=utf-8',
    ...Array(files.filter(({ path }) => path.endsWith('.js')).length).fill('text/javascript; charset=utf-8'),
  ]);
  expect(cacheControlOf(DOCUMENT)).toBe('no-cache');
  expect(cacheControlOf(`${ASSETS}main-AB.js`)).toBe('public, max-age=31536000, immutable');
});
