/**
 * Prints the tables of docs/costs.md and docs/scale.md: `node --import tsx bench/costs/print.ts`.
 * The prices are in cli/estimates/list-prices.ts.
 */
import { costBlocks } from './cost-table.ts';
import { scaleBlocks } from './scale-tables.ts';

process.stdout.write(`${[...costBlocks(), ...scaleBlocks()].map(([, text]) => text).join('\n\n')}\n`);
