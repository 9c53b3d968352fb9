/** What Lambda runs: the export `handler` of `index.mjs`. */
export const HANDLER = 'index.handler';
