import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { errorCode } from './error-code.ts';
import { PortTakenError } from './errors.ts';
import { HOST } from './names.ts';

/** Code of both our PortTakenError and the error of the local S3. */
const PORT_IN_USE = 'port-in-use';

/**
 * Listens on the loopback address.
 * @param port 0 means any free port
 * @returns the port
 * @throws {PortTakenError}
 */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen({ host: HOST, port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw asPortFault(error, port);
  }
  return portOf(server);
}

/**
 * Starts something at its usual port, or at any free port if that one is taken. Clients can thus
 * keep their settings after a restart whenever possible.
 */
export async function preferPort<Started>(port: number, start: (port: number) => Promise<Started>): Promise<Started> {
  try {
    return await start(port);
  } catch (error) {
    if (port === 0 || errorCode(error) !== PORT_IN_USE) throw error;
    return start(0);
  }
}

/** Turns the error of a failed `listen` into ours if the port is the reason. */
export function asPortFault(error: unknown, port: number): unknown {
  const code = errorCode(error);
  return code === 'EADDRINUSE' || code === 'EACCES' ? new PortTakenError(HOST, port, error) : error;
}

export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError(`the server does not listen on a TCP port: ${address}`);
  return address.port;
}
