/**
 * Lays out rows of text as lines, with two spaces between columns. Columns marked in `alignRight`
 * are aligned to the right.
 */
export function table(rows: readonly (readonly string[])[], alignRight: readonly boolean[]): string {
  const widths = alignRight.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          alignRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
