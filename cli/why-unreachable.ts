import { messageOf } from '../classifier/message-of.ts';
import type { Variables } from '../functions/environment.ts';
import { LOOPBACK, namedProxies } from './use-proxy.ts';

/** What Node adds to the errors of its name resolution and of its connections. */
interface ConnectionFault {
  readonly code?: unknown;
  readonly hostname?: unknown;
  readonly port?: unknown;
}

/**
 * Says in words why a server gave no answer, and what to do. If the proxy is at fault, it is named,
 * without its password.
 * @param error what `fetch` threw
 * @example
 * whyUnreachable(new URL('http://127.0.0.1:3000'), error, process.env)
 * // http://127.0.0.1:3000 cannot be reached: nothing listens there. Start the local stack
 * // (npx autoswiftnet start), or correct the address.
 */
export function whyUnreachable({ origin, hostname }: URL, error: unknown, variables: Variables): string {
  const fault = faultOf(error);
  const proxy = namedProxies(variables).find(({ url }) => isAbout(url, fault));
  if (proxy !== undefined) {
    return `${origin} was not reached: the proxy ${proxy.url.origin} in ${proxy.variable} does not answer (${reasonOf(fault)}). Correct that variable.`;
  }
  const cure = LOOPBACK.includes(hostname)
    ? 'Start the local stack (npx autoswiftnet start), or correct the address'
    : 'Check the address, and whether this machine needs a proxy (HTTPS_PROXY)';
  return `${origin} cannot be reached: ${reasonOf(fault)}. ${cure}.`;
}

/** What `fetch` throws only says that it failed; its cause says why. */
function faultOf(error: unknown): ConnectionFault {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return (cause ?? error ?? {}) as ConnectionFault;
}

function isAbout({ hostname, port, protocol }: URL, { hostname: name, port: number }: ConnectionFault): boolean {
  return name === undefined ? String(number) === (port || (protocol === 'https:' ? '443' : '80')) : name === hostname;
}

function reasonOf(fault: ConnectionFault): string {
  switch (fault.code) {
    case 'ENOTFOUND':
      return `there is no host ${fault.hostname}`;
    case 'EAI_AGAIN':
      return `the name ${fault.hostname} cannot be looked up now`;
    case 'ECONNREFUSED':
      return 'nothing listens there';
    default:
      return messageOf(fault);
  }
}
