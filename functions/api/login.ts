import type * as z from 'zod';
import { environmentSchema } from '../environment.ts';
import { ConfigurationError } from '../errors.ts';
import type { Login } from '../wire.ts';

export const loginEnvironmentSchema = environmentSchema.pick({
  AUTOSWIFTNET_OIDC_ISSUER: true,
  AUTOSWIFTNET_OIDC_CLIENT_ID: true,
  AUTOSWIFTNET_OIDC_AUDIENCE: true,
});

/**
 * Returns what clients need for a login, or null if no issuer is configured.
 * @throws {ConfigurationError} when an issuer is configured without a client id
 */
export function toLogin({
  AUTOSWIFTNET_OIDC_ISSUER: issuer,
  AUTOSWIFTNET_OIDC_CLIENT_ID: clientId,
  AUTOSWIFTNET_OIDC_AUDIENCE: audience,
}: z.output<typeof loginEnvironmentSchema>): Login | null {
  if (issuer === null) return null;
  if (clientId === null) {
    throw new ConfigurationError(
      "environment variables: AUTOSWIFTNET_OIDC_ISSUER is set, but AUTOSWIFTNET_OIDC_CLIENT_ID is not. Set it to the page's client id at that issuer and start again.",
    );
  }
  return { issuer, clientId, audience };
}
