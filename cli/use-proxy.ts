import type { Variables } from '../functions/environment.ts';
import { ConfigurationError } from '../functions/errors.ts';

/** The proxies of the environment. URLs always have a scheme. */
interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Hosts to reach directly, separated by commas, or `*` for all. */
  readonly noProxy: string;
}

/** A local API is never asked through a proxy, as Go's programs do it. */
export const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Makes `fetch` use the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, in capitals or not.
 * Node's own `fetch` ignores them. Without these variables nothing is loaded.
 * @throws {ConfigurationError} when a proxy is not a URL of http or https
 */
export async function useProxy(variables: Variables): Promise<void> {
  const proxies = readProxies(variables);
  if (proxies === null) return;
  const [{ EnvHttpProxyAgent, install, setGlobalDispatcher }, { PacedPool }] = await Promise.all([
    import('undici'),
    import('./paced-pool.ts'),
  ]);
  // Node's `fetch` may be of another version than the agent, so both come from the package.
  install();
  const agent = new EnvHttpProxyAgent({
    ...proxies,
    // Many proxies tunnel to the port of https only, so plain http is asked of the proxy itself.
    proxyTunnel: false,
    clientFactory: (origin, options) => new PacedPool(origin, options),
  });
  setGlobalDispatcher(agent);
}

/**
 * Reads the variables as curl does: small letters come first, and HTTPS_PROXY is for https alone.
 * @returns null if there is no proxy
 */
export function readProxies(variables: Variables): Proxies | null {
  const httpProxy = proxyUrl('http_proxy', variables);
  const httpsProxy = proxyUrl('https_proxy', variables);
  if (httpProxy === '' && httpsProxy === '') return null;
  const [, noProxy] = find('no_proxy', variables);
  const hosts = noProxy.split(/[\s,]+/).filter((host) => host !== '');
  return { httpProxy, httpsProxy, noProxy: hosts.includes('*') ? '*' : [...hosts, ...LOOPBACK].join(',') };
}

/** A proxy, and the variable that names it. */
interface NamedProxy {
  readonly variable: string;
  readonly url: URL;
}

/** Returns the proxies of the environment. Messages show their `origin`, which has no password. */
export function namedProxies(variables: Variables): NamedProxy[] {
  return ['https_proxy', 'http_proxy'].flatMap((lowerCaseName) => {
    const [variable] = find(lowerCaseName, variables);
    const text = proxyUrl(lowerCaseName, variables);
    return text === '' ? [] : [{ variable, url: new URL(text) }];
  });
}

function proxyUrl(lowerCaseName: string, variables: Variables): string {
  const [name, value] = find(lowerCaseName, variables);
  if (value === '') return '';
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return text;
  // The value may hold a password, so it is not shown.
  throw new ConfigurationError(
    `environment variables: ${name}: expected the URL of an http or https proxy, such as http://proxy.example.com:8080. Correct it and start again.`,
  );
}

function find(lowerCaseName: string, variables: Variables): [name: string, value: string] {
  const name = variables[lowerCaseName] === undefined ? lowerCaseName.toUpperCase() : lowerCaseName;
  return [name, variables[name]?.trim() ?? ''];
}
