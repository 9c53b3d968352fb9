import { blockNames, fillBlocks } from '../../docs/blocks/fill-blocks.ts';
import { makeBlocks } from '../../docs/blocks/make-blocks.ts';
import { peersPlot } from '../../docs/blocks/peers-plot.ts';
import { ROUTE_PATHS } from '../../functions/api/route-paths.ts';
import { environmentSchema } from '../../functions/environment.ts';
import { configurationSchema } from '../../infra/configuration/configuration.ts';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import { markdownFiles, readPage } from './markdown-files.ts';

const PAGES = markdownFiles().filter((file) => /^(README|SECURITY|docs\/[^/]+)\.md$/.test(file));

test.each(PAGES)('%s has what the source says; if not: npm run docs', (page) => {
  const text = readPage(page);

  expect(text).toBe(fillBlocks(text, makeBlocks()));
});

test('docs/peers.svg shows the committed figures; if not: npm run docs', () => {
  expect(readPage('docs/peers.svg')).toBe(peersPlot());
});

test('every generated block stands on exactly one page', () => {
  const names = PAGES.flatMap((page) => blockNames(readPage(page)));

  expect(names.sort()).toEqual([...makeBlocks().keys()].sort());
});

test('every variable, key and route has a row', () => {
  const blocks = makeBlocks();
  const rowsOf = (...names: string[]) =>
    names
      .flatMap((name) => [...(blocks.get(name) ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, first]) => first))
      .sort();

  expect(rowsOf('settings', 'worker-settings', 'deployment-settings')).toEqual(
    Object.keys(environmentSchema.shape).sort(),
  );
  expect(rowsOf('configuration')).toEqual(Object.keys(configurationSchema.shape).sort());
  expect(rowsOf('routes')).toEqual(ROUTE_PATHS.map(({ method, path }) => `${method} ${path}`).sort());
});

test('every alarm has its section in the runbook, with what to look at and what to do, and no other has', () => {
  const names = Object.keys(alarmRules({ ...configurationSchema.parse({}), stackName: 'NAME' }, 'REGION'));
  const [, chapter = ''] = readPage('docs/runbook.md').split(/^## The alarms$/m);
  const sections = (chapter.split(/^## /m)[0] ?? '').split(/^### /m).slice(1);

  expect(sections.map((section) => section.split('\n')[0])).toEqual(names);
  for (const section of sections) expect(section).toMatch(/\n- \*\*Look at:\*\* .+\n- \*\*Do:\*\* .+/);
});
