import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What a route answers, for API Gateway (payload format 2.0). */
export type ApiResponse = APIGatewayProxyStructuredResultV2;

/** Answers differ from one request to the next, and hold presigned URLs. */
const NOT_STORED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  return answer(status, 'application/json', JSON.stringify(body), headers);
}

export function answer(
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  return {
    statusCode: status,
    headers: { 'content-type': contentType, ...NOT_STORED, ...headers },
    body,
    isBase64Encoded: false,
  };
}
