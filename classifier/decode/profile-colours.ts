/** Where an ICC profile's header names the kind of its colours (ICC.1:2022, 7.2.6). */
const COLOURS_AT = 16;

/** The kinds of colours that need more than a conversion by libvips, as profiles name them. */
export const CMYK_PROFILE = 'CMYK';
export const GREY_PROFILE = 'GRAY';

/** Reads the kind of colours that a profile describes, four characters such as `RGB `. */
export function coloursOf(profile: Uint8Array | undefined): string | undefined {
  return profile && Buffer.from(profile.subarray(COLOURS_AT, COLOURS_AT + 4)).toString('latin1');
}
