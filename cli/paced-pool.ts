import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';

/** Least time between two tunnels to the same host. */
const TUNNEL_INTERVAL_MS = 1_000;

/**
 * Connections to a proxy that ask for few tunnels. Where a proxy closes the connection, as some do
 * instead of a refusal, undici would ask again without a pause until the request times out.
 */
export class PacedPool extends Pool {
  readonly #lastTunnelAt = new Map<string, number>();

  override async connect(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> {
    const since = performance.now() - (this.#lastTunnelAt.get(options.path) ?? Number.NEGATIVE_INFINITY);
    if (since < TUNNEL_INTERVAL_MS) await delay(TUNNEL_INTERVAL_MS - since);
    this.#lastTunnelAt.set(options.path, performance.now());
    return super.connect(options);
  }
}
