/** @example numberText(1_234_567) // '1,234,567' */
export function numberText(value: number): string {
  return value.toLocaleString('en');
}
