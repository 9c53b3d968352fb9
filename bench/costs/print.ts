/** Prints the README's cost tables: `node --import tsx bench/costs/print.ts`. Prices are list-prices.ts's. */
import { allTables } from './cost-table.ts';

process.stdout.write(`${allTables().join('\n\n')}\n`);
