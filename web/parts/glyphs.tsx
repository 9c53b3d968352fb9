/** Our own drawings. They repeat the words next to them, so screen readers skip them. */

export function Swift() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path d="M1 8.500c6.3.3 11.1 2.5 15 7.2 3.9-4.7 8.7-6.9 15-7.2-4.7 2.3-8 5.5-10 9.700l2.2 7.8-7.2-4.7-7.2 4.7 2.2-7.800c-2-4.2-5.3-7.4-10-9.700z" />
    </svg>
  );
}

export function PictureGlyph() {
  return (
    <svg class="glyph" viewBox="0 0 48 48" aria-hidden="true">
      <rect x="5" y="9" width="38" height="30" rx="6" />
      <circle cx="16" cy="19" r="3.5" />
      <path d="m6 34 10-9 7 6 9-10 10 10" />
    </svg>
  );
}

export function FileGlyph() {
  return (
    <svg viewBox="0 0 48 48" aria-hidden="true">
      <path d="M12 6h16l9 9v27H12z" />
      <path d="M28 6v9h9" />
    </svg>
  );
}
