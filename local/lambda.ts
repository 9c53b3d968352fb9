import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../classifier/message-of.ts';
import { errorCode } from './error-code.ts';
import { guardServer } from './guard.ts';
import type { Invoke } from './http-api/serve.ts';
import { listen } from './listen.ts';
import { HOST } from './names.ts';

/** The part of Lambda through which one function calls another. */
export interface LocalLambda {
  readonly endpoint: string;
  /** Makes a function known under its name, and under its ARN with or without an alias. */
  register(name: string, invoke: Invoke): void;
  close(): Promise<void>;
}

/** A call that Lambda refuses before the function runs. */
interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, parameter FunctionName */
const FUNCTION_NAME =
  /^(?:(?:arn:aws:lambda:[a-z0-9-]+:)?\d{12}:function:)?([A-Za-z0-9_-]{1,64})(?::[A-Za-z0-9$_-]+)?$/;

/** What Lambda calls the ways in which a function fails, by the code of our error. */
const ERROR_TYPES: Readonly<Record<string, string>> = {
  'handler-failed': 'Error',
  'function-timeout': 'Sandbox.Timedout',
};
const CRASH = 'Runtime.ExitError';

/**
 * Starts the operation Invoke of Lambda, synchronous calls only. Everything else is refused.
 * @param port 0 means any free port
 */
export async function startLambda(port = 0): Promise<LocalLambda> {
  const functions = new Map<string, Invoke>();
  const server = createServer((request, response) => {
    answer(request, response, functions).catch(() => response.destroy());
  });
  guardServer(server);
  const bound = await listen(server, port);
  return {
    endpoint: `http://${HOST}:${bound}`,
    register: (name, invoke) => void functions.set(name, invoke),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  functions: ReadonlyMap<string, Invoke>,
): Promise<void> {
  const body = await buffer(request);
  const call = readCall(request, body.toString(), functions);
  if ('status' in call) return refuse(response, call);
  try {
    send(response, 200, (await call.invoke(call.event)) ?? null, { 'x-amz-executed-version': '$LATEST' });
  } catch (error) {
    const errorType = ERROR_TYPES[String(errorCode(error))] ?? CRASH;
    send(response, 200, { errorType, errorMessage: messageOf(error) }, { 'x-amz-function-error': 'Unhandled' });
  }
}

function readCall(
  { method, url = '', headers }: IncomingMessage,
  body: string,
  functions: ReadonlyMap<string, Invoke>,
): { readonly invoke: Invoke; readonly event: unknown } | Refusal {
  if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
    return {
      status: 403,
      type: 'MissingAuthenticationTokenException',
      message: 'sign the request with any access key',
    };
  }
  const [, segment] = INVOKE_PATH.exec(url.replace(/\?.*/s, '')) ?? [];
  if (method !== 'POST' || segment === undefined) {
    return { status: 404, type: 'UnknownOperationException', message: 'the local Lambda only knows Invoke' };
  }
  if ((headers['x-amz-invocation-type'] ?? 'RequestResponse') !== 'RequestResponse') {
    return {
      status: 400,
      type: 'InvalidParameterValueException',
      message: 'the local Lambda only knows the invocation type RequestResponse',
    };
  }
  const name = decodeName(segment);
  const invoke = functions.get(FUNCTION_NAME.exec(name)?.[1] ?? '');
  if (invoke === undefined)
    return { status: 404, type: 'ResourceNotFoundException', message: `Function not found: ${name}` };
  try {
    return { invoke, event: JSON.parse(body || '{}') };
  } catch (error) {
    return { status: 400, type: 'InvalidRequestContentException', message: `not JSON: ${messageOf(error)}` };
  }
}

function decodeName(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function refuse(response: ServerResponse, { status, type, message }: Refusal): void {
  send(response, status, { Type: 'User', Message: message, message }, { 'x-amzn-errortype': type });
}

function send(response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>>) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
