import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Random } from '../random.ts';
import { hostileText } from '../texts/hostile-texts.ts';

type Event = APIGatewayProxyEventV2;
type ChangeEvent = (event: Event, random: Random) => object;

/** Changes that leave an event such as API Gateway sends, though of no request that was sent. */
export const EVENT_CHANGES: Readonly<Record<string, ChangeEvent>> = {
  'event: base64 or not': ({ isBase64Encoded }) => ({ isBase64Encoded: !isBase64Encoded }),
  'event: base64 damaged': ({ body = '' }, random) => {
    const at = random.below(body.length + 1);
    const by = random.oneOf(['', '=', '*', '\n', 'é', '\ud800', '-_', '====']);
    return { isBase64Encoded: true, body: body.slice(0, at) + by + body.slice(at + random.below(3)) };
  },
  'event: no body': (_event, random) => ({ body: random.oneOf([undefined, null, '']) }),
  'event: names of headers in capitals': ({ headers }) => ({
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
  }),
  'event: no headers': () => ({ headers: {} }),
  'event: path parameters': (_event, random) => ({
    pathParameters: random.oneOf([null, { id: hostileText(random) }, { proxy: 'images' }, { ['__proto__']: 'x' }]),
  }),
  'event: who asks': ({ requestContext }, random) => ({
    requestContext: {
      ...requestContext,
      authorizer: random.oneOf([
        null,
        { jwt: null },
        { jwt: { claims: { iss: hostileText(random), sub: hostileText(random) }, scopes: null } },
        { iam: { userArn: hostileText(random) } },
        { lambda: { a: hostileText(random) } },
      ]),
    },
  }),
};
