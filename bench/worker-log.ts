/** What the log lines of a worker say. */

/** Returns the values of one metric, from log lines in CloudWatch's embedded format. */
export function metricValues(lines: readonly string[], name: string): number[] {
  return lines
    .filter((line) => line.includes(`"${name}"`))
    .flatMap((line): number | number[] => {
      const values: Record<string, number | number[]> = JSON.parse(line);
      return values[name] ?? [];
    });
}

/** Returns when a line was written, epoch milliseconds. */
export function timeOf(line: string): number {
  const { timestamp }: { timestamp: string } = JSON.parse(line);
  return Date.parse(timestamp);
}
