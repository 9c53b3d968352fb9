import type { HttpApi } from '../http-api/http-api.ts';

export interface PageProps {
  /** The API that the page uses. It needs `jwtIssuer`, because people sign in on the page. */
  readonly api: HttpApi;
  /**
   * Other origins of the issuer, such as that of its token endpoint (Cognito: the domain of the user
   * pool).
   * @default - the issuer's own origin only
   */
  readonly loginOrigins?: readonly string[] | undefined;
}
