const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1, minimumFractionDigits: 1 });
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `86.0%`. What rounds to nothing or to everything without being it says so: `<0.1%`, `>99.9%`. */
export function formatProbability(probability: number): string {
  if (probability > 0 && probability < 0.0005) return '<0.1%';
  if (probability < 1 && probability > 0.9995) return '>99.9%';
  return percent.format(probability);
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB'];

/** `11.4 kB`: decimal units, as the limits are. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${plain.format(bytes / 1000 ** power)} ${BYTE_UNITS[power]}`;
}

/** `84 ms`, `1.3 s` */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${plain.format(ms / 1000)} s`;
}

/** `25.6 M` */
export function formatMillions(count: number): string {
  return `${plain.format(count / 1e6)} M`;
}

/** `1 picture`, `2 pictures` */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `daisy.jpg` of `uploads/2024/daisy.jpg`; a key that ends in a slash is kept whole. */
export function fileName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1) || key;
}
