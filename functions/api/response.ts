import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as Wire from '../wire.ts';

/** The answer of a route, in the form for API Gateway (payload format 2.0). */
export type ApiResponse = APIGatewayProxyStructuredResultV2;

/** The content of a JSON answer. */
type AnswerBody =
  | Wire.Classification
  | Wire.Job
  | Wire.Image
  | Wire.ImageList
  | Wire.Upload
  | Wire.ModelList
  | Wire.LabelList
  | Wire.Health;

/**
 * Answers must not be cached: they change from request to request, and they contain presigned URLs.
 */
export const NOT_STORED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function json(status: number, body: AnswerBody, headers: Readonly<Record<string, string>> = {}): ApiResponse {
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
