/** How much a number may differ from the page, because processors round differently. */
const TOLERANCE = 1e-3;

/** Times differ from run to run. */
const TIMINGS = /\btimings: \{[^}]*\}/g;

const NUMBER = /(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g;

/**
 * Returns how the output of a program differs from the page, or null when it does not. Line breaks,
 * indentation and the numbers in `timings` do not count; other numbers may differ by 0.001.
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
