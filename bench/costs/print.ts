/** Prints the cost tables of docs/costs.md: `node --import tsx bench/costs/print.ts`. Prices are list-prices.ts's. */
import { allTables } from './cost-table.ts';

process.stdout.write(`${allTables().join('\n\n')}\n`);
