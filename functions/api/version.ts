/** Of autoswiftnet: package.json's, which a bundled function does not have beside it. A test holds the two together. */
export const VERSION = '0.1.0';
