import * as oauth from 'oauth4webapi';
import { messageOf } from '../../classifier/message-of.ts';
import type * as Wire from '../../functions/wire.ts';
import { type Attempt, keepAttempt, takeAttempt } from './attempt.ts';

/**
 * A signed-in user. Tokens are kept in memory only, so a reload forgets them, and the storage of
 * the browser does not reveal them.
 */
export interface Session {
  /** The name, e-mail address or subject, whichever the issuer sends. */
  readonly name: string;
  /**
   * Returns the token for the API, and refreshes it when it is about to expire. Returns null if it
   * has expired and the issuer does not refresh it.
   * @throws {LoginError} when the issuer cannot be reached. A later call may succeed.
   */
  token(): Promise<string | null>;
  /** Address at which the issuer ends its own session, or null if it has none. */
  readonly endUrl: string | null;
}

/** A login could not be finished or refreshed. */
export class LoginError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'LoginError';
  }
}

const SCOPE = 'openid profile email';

/** A token that expires within this time is not sent any more. */
const LEEWAY_MS = 30_000;

/** Limit of each request to the issuer. Every request to the API may wait for a new token. */
const REQUEST_LIMIT_MS = 30_000;

/** Hosts whose issuers need no TLS, because they run on this machine. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/**
 * Prepares an OpenID Connect login by authorization code with PKCE.
 * @returns the address to go to
 * @throws {LoginError} when the issuer cannot be reached, or is not an OpenID Connect issuer
 */
export async function beginLogin(settings: Wire.Login, redirectUri: string): Promise<string> {
  const server = await discover(settings.issuer);
  if (server.authorization_endpoint === undefined) {
    throw new LoginError(
      `The login server ${settings.issuer} has no authorization_endpoint, so nobody can sign in there.`,
    );
  }
  const attempt: Attempt = {
    codeVerifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    hash: location.hash,
  };
  const url = new URL(server.authorization_endpoint);
  const parameters = {
    client_id: settings.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: SCOPE,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.codeVerifier),
    code_challenge_method: 'S256',
    state: attempt.state,
    nonce: attempt.nonce,
    ...(settings.audience === null ? {} : { audience: settings.audience }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  keepAttempt(attempt);
  return url.href;
}

/**
 * Finishes the login that {@link beginLogin} started.
 * @param answer the address to which the issuer sent the browser
 * @returns the session, and the view that the page showed before the login
 * @throws {LoginError}
 */
export async function finishLogin(
  settings: Wire.Login,
  redirectUri: string,
  answer: URL,
): Promise<{ session: Session; hash: string }> {
  const attempt = takeAttempt();
  if (attempt === null) throw new LoginError('This login was not started in this tab, or it is already finished.');
  const server = await discover(settings.issuer);
  const client: oauth.Client = { client_id: settings.clientId };
  try {
    const callback = oauth.validateAuthResponse(server, client, answer, attempt.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      callback,
      redirectUri,
      attempt.codeVerifier,
      requestOptions(settings.issuer),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: attempt.nonce,
      requireIdToken: true,
    });
    return { session: openSession(settings, server, tokens), hash: attempt.hash };
  } catch (error) {
    throw new LoginError(`The login server refused the login: ${wordsOf(error)}.`, error);
  }
}

async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  try {
    const identifier = new URL(issuer);
    const response = await oauth.discoveryRequest(identifier, requestOptions(issuer));
    return await oauth.processDiscoveryResponse(identifier, response);
  } catch (error) {
    throw new LoginError(`The login server ${issuer} cannot be used: ${wordsOf(error)}.`, error);
  }
}

function openSession(
  { issuer, clientId }: Wire.Login,
  server: oauth.AuthorizationServer,
  first: oauth.TokenEndpointResponse,
): Session {
  const client: oauth.Client = { client_id: clientId };
  const claims = oauth.getValidatedIdTokenClaims(first);
  let tokens = first;
  let endsAt = endOf(first);
  let refreshing: Promise<void> | undefined;
  const refresh = async (refreshToken: string) => {
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken,
      requestOptions(issuer),
    );
    // If the issuer sends no new refresh token, the old one stays valid.
    tokens = { refresh_token: refreshToken, ...(await oauth.processRefreshTokenResponse(server, client, response)) };
    endsAt = endOf(tokens);
  };
  return {
    name: String(claims?.['name'] ?? claims?.['email'] ?? claims?.sub ?? 'signed in'),
    endUrl: endUrlOf(server, clientId, first.id_token),
    async token() {
      if (Date.now() < endsAt - LEEWAY_MS) return tokens.access_token;
      if (tokens.refresh_token === undefined) return null;
      refreshing ??= refresh(tokens.refresh_token).finally(() => {
        refreshing = undefined;
      });
      try {
        await refreshing;
      } catch (error) {
        if (isRefusal(error)) return null;
        throw new LoginError(`The login server ${issuer} gave no answer: ${wordsOf(error)}.`, error);
      }
      return tokens.access_token;
    },
  };
}

/** Tells whether the issuer will never refresh this login, so that the user has to sign in again. */
function isRefusal(error: unknown): boolean {
  if (error instanceof oauth.WWWAuthenticateChallengeError) return true;
  return error instanceof oauth.ResponseBodyError && error.status !== 429;
}

function endOf({ expires_in: seconds }: oauth.TokenEndpointResponse): number {
  return seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
}

/**
 * Makes the address by the standard, OpenID Connect RP-Initiated Logout, and adds `logout_uri`: Cognito
 * knows only that and `client_id`. The standard lets an issuer ignore what it does not know.
 * @see {@link https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html}
 */
function endUrlOf(server: oauth.AuthorizationServer, clientId: string, idToken: string | undefined): string | null {
  if (server.end_session_endpoint === undefined) return null;
  const url = new URL(server.end_session_endpoint);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('post_logout_redirect_uri', `${location.origin}/`);
  url.searchParams.set('logout_uri', `${location.origin}/`);
  if (idToken !== undefined) url.searchParams.set('id_token_hint', idToken);
  return url.href;
}

/** Options for one request to the issuer, which is about to be sent. */
function requestOptions(issuer: string): { signal: AbortSignal; [oauth.allowInsecureRequests]: boolean } {
  return {
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    [oauth.allowInsecureRequests]: LOOPBACK.test(new URL(issuer).hostname),
  };
}

function wordsOf(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    return error.error_description ?? error.error;
  }
  return messageOf(error);
}
