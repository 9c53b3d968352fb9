export interface RoutePath {
  readonly method: 'GET' | 'POST';
  /** The path as openapi.yaml has it. */
  readonly path: string;
}

/** Every route. This file loads no model, so that paths can be looked up without one. */
export const ROUTE_PATHS = [
  { method: 'POST', path: '/classify' },
  { method: 'GET', path: '/jobs/{id}' },
  { method: 'GET', path: '/images' },
  { method: 'GET', path: '/images/{id}' },
  { method: 'GET', path: '/images/{id}/thumbnail' },
  { method: 'GET', path: '/labels' },
  { method: 'POST', path: '/uploads' },
  { method: 'GET', path: '/models' },
  { method: 'GET', path: '/health' },
  { method: 'GET', path: '/openapi.yaml' },
] as const satisfies readonly RoutePath[];

/**
 * Returns the methods of a path, with HEAD if there is GET. An unknown path has none. A trailing
 * slash does not matter.
 */
export function methodsOf(path: string): string[] {
  return ROUTE_PATHS.filter((route) => matches(route.path, path)).flatMap(({ method }) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  );
}

/** Returns the route that a path belongs to, as openapi.yaml has it, or `none`. */
export function routeOf(path: string): string {
  return ROUTE_PATHS.find((route) => matches(route.path, path))?.path ?? 'none';
}

function matches(route: string, path: string): boolean {
  const [wanted, given] = [route.split('/'), path.replace(/(?<=.)\/$/, '').split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]))
  );
}
