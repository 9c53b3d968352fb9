import { LIST_PRICES } from './list-prices.ts';

/** One line of a bill. */
export interface Cost {
  readonly what: string;
  readonly usd: number;
  /** How it is computed. */
  readonly how: string;
  /** Whether it is due again every month. */
  readonly isMonthly?: true;
}

/** Returns the price of one unit in US dollars. */
export function price(name: keyof typeof LIST_PRICES): number {
  return LIST_PRICES[name].usd;
}

export function sum(costs: readonly Cost[]): number {
  return costs.reduce((total, { usd }) => total + usd, 0);
}

/** @example dollars(1498.5) // '1,498.50' */
export function dollars(usd: number): string {
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
