/** Processors round differently, so this machine's numbers may differ from the page's. */
const TOLERANCE = 1e-3;

/** Times differ from run to run. */
const TIMINGS = /\btimings: \{[^}]*\}/g;

const NUMBER = /(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g;

/**
 * Compares what a program printed with what the page says it prints. Line breaks and indentation do
 * not count, nor do the numbers in `timings`. Other numbers may differ by 0.001.
 * @returns both texts, for an error, or null if they are the same
 */
export function outputDifference(printed: string, expected: string): string | null {
  const found = normalize(printed);
  const wanted = normalize(expected);
  const differs =
    found.replace(NUMBER, '0') !== wanted.replace(NUMBER, '0') ||
    numbersOf(found).some((number, index) => Math.abs(number - (numbersOf(wanted)[index] ?? Number.NaN)) > TOLERANCE);
  return differs ? `the page says\n${expected.trim()}\nbut the program prints\n${printed.trim()}` : null;
}

function normalize(text: string): string {
  return text
    .replace(TIMINGS, (timings) => timings.replace(NUMBER, '0'))
    .trim()
    .replace(/\s+/g, ' ');
}

function numbersOf(text: string): number[] {
  return (text.match(NUMBER) ?? []).map(Number);
}
