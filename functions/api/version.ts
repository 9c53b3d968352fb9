/**
 * Version of autoswiftnet. A bundled function has no package.json, so a test compares this with it.
 */
export const VERSION = '0.1.0';
