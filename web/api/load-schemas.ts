/** What the answers of the API have to look like. */
export type Schemas = typeof import('./schemas.ts');

/**
 * Loads the schemas. Making them takes the browser as long as drawing the page, and nobody needs
 * them before the first answer. So they are a file of their own, which index.html loads beside the
 * page's script.
 */
export function loadSchemas(): Promise<Schemas> {
  return import('./schemas.ts');
}
