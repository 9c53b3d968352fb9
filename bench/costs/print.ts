/**
 * Prints the cost tables of docs/costs.md: `node --import tsx bench/costs/print.ts`. The prices are
 * in list-prices.ts.
 */
import { costBlocks } from './cost-table.ts';

process.stdout.write(
  `${costBlocks()
    .map(([, text]) => text)
    .join('\n\n')}\n`,
);
