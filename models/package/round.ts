/** Rounds to a number of decimal places, for people and for manifests. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
