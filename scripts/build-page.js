/**
 * Builds the page's static files into `dist-web`, or into FOLDER.
 *
 *   npm run build:page
 *   node --import tsx scripts/build-page.js [FOLDER]
 *
 * It prints each file's size and its gzipped size, and fails when the total is above the budget.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPage } from '../web/delivery/build-page.ts';
import { PAGE_BUDGET_BYTES, sizeReport } from '../web/delivery/size-report.ts';

const out = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist-web', import.meta.url)));

if (process.argv[2] && existsSync(out))
  throw new Error(`${out} already exists. Give the path of a folder that does not exist yet.`);
rmSync(out, { recursive: true, force: true });
const files = await buildPage();
for (const { path, body } of files) {
  const file = join(out, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, body);
}
const { lines, totalGzipBytes } = sizeReport(files);
process.stdout.write(`${lines.join('\n')}\nbuilt ${out}\n`);
if (totalGzipBytes > PAGE_BUDGET_BYTES)
  throw new Error(`the page has ${totalGzipBytes} bytes gzipped, more than its budget of ${PAGE_BUDGET_BYTES}`);
