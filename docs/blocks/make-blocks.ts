import { costBlocks } from '../../bench/costs/cost-table.ts';
import { scaleBlocks } from '../../bench/costs/scale-tables.ts';
import { alarmSections } from './alarm-sections.ts';
import { coldStartTable } from './cold-start-table.ts';
import { commandTables } from './command-tables.ts';
import { configurationTable } from './configuration-table.ts';
import { constructTables } from './construct-tables.ts';
import type { Blocks } from './fill-blocks.ts';
import { hostileTable } from './hostile-table.ts';
import { loadTable } from './load-table.ts';
import { modelTable } from './model-table.ts';
import { peerTables } from './peer-tables.ts';
import { pictureTable } from './picture-table.ts';
import { precisionTable } from './precision-table.ts';
import { roleTable } from './role-table.ts';
import { routeTable } from './route-table.ts';
import { settingsTables } from './settings-tables.ts';
import { taggingTable } from './tagging-table.ts';

/** Everything on the pages that is made from the source. */
export function makeBlocks(): Blocks {
  return new Map([
    ['alarms', alarmSections()],
    ['cold-start', coldStartTable()],
    ['commands', commandTables()],
    ['configuration', configurationTable()],
    ['hostile', hostileTable()],
    ['load', loadTable()],
    ['models', modelTable()],
    ['pictures', pictureTable()],
    ['precision', precisionTable()],
    ['roles', roleTable()],
    ['routes', routeTable()],
    ['tagging-times', taggingTable()],
    ...constructTables(),
    ...settingsTables(),
    ...peerTables(),
    ...costBlocks(),
    ...scaleBlocks(),
  ]);
}
