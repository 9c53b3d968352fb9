import { connect } from 'node:net';
import type { Random } from '../random.ts';
import { type HostileRequest, hasHeader } from './hostile-request.ts';

/** What is sent over a connection. */
export interface Sent {
  readonly bytes: Buffer;
  /** Whether the request ends where the server has to expect it, so that it must be answered. */
  readonly isWhole: boolean;
}

/** What came of it. */
export interface Exchange {
  /** All that the server sent, empty if nothing. */
  readonly answer: string;
  /** Whether the connection was reset, and not ended. */
  readonly isReset: boolean;
}

type ChangeBytes = (bytes: Buffer, random: Random) => Buffer;

const LENGTHS = ['-1', '0', '1', '9'.repeat(30), '5, 5', '0x10', '1e3', ' ', '+5', 'a'];

/** Changes of the bytes, after which the server may wait for more, or end the connection. */
export const WIRE_CHANGES: Readonly<Record<string, ChangeBytes>> = {
  'wire: cut off': (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  'wire: bytes changed': (bytes, random) => {
    const changed = Buffer.from(bytes);
    for (let times = random.below(6); times >= 0; times -= 1) {
      changed[random.below(Math.min(500, changed.length))] = random.below(256);
    }
    return changed;
  },
  'wire: request line': (bytes, random) => {
    const rest = bytes.subarray(bytes.indexOf('\r\n'));
    const lines = ['GET', '', 'GET  /images HTTP/1.1', 'GET /images HTTP/9.9', 'GET /images', '\0', 'PRI * HTTP/2.0'];
    return Buffer.concat([Buffer.from(random.oneOf(lines)), rest]);
  },
  'wire: length': (bytes, random) => withLength(bytes, `content-length: ${random.oneOf(LENGTHS)}`),
  'wire: chunks': (bytes, random) => {
    const sizes = [
      '5\r\nabcde\r\n0\r\n\r\n',
      'ffffffffffffffff\r\n',
      '-1\r\n',
      '5;a=b\r\nabcde\r\n',
      '0\r\n\r\n',
      'zz\r\n',
    ];
    const head = bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4);
    const chunked = withLength(head, 'transfer-encoding: chunked');
    return Buffer.concat([chunked, Buffer.from(random.oneOf(sizes))]);
  },
  'wire: two requests': (bytes) => Buffer.concat([replaced(bytes, 'connection: close', 'x: y'), bytes]),
  'wire: bare line feeds': (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  'wire: folded lines': (bytes, random) => inHead(bytes, `x-folded: a\r\n${random.oneOf([' ', '\t', ''])}b`),
};

const OWN_HEADERS = ['content-length', 'transfer-encoding', 'connection', 'expect', 'upgrade', 'host'];

/** Writes a request as a client does, with the length of its body and a connection that ends. */
export function toBytes(request: HostileRequest, port: number): Sent {
  const { method, target, headers, body } = request;
  const own = [
    ...(hasHeader(request, 'host') ? [] : [['host', `127.0.0.1:${port}`] as const]),
    ['content-length', String(body.length)] as const,
    ['connection', 'close'] as const,
  ];
  const lines = [`${method} ${target} HTTP/1.1`, ...[...own, ...headers].map(([name, value]) => `${name}: ${value}`)];
  const clean = !/[\r\n]/.test(lines.join(''));
  const isOwn = headers.every(([name]) => !OWN_HEADERS.includes(name.toLowerCase()) || name.toLowerCase() === 'host');
  const isAnswered = clean && isOwn && method !== 'CONNECT';
  return { bytes: Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]), isWhole: isAnswered };
}

/**
 * Sends bytes, and reads until the server ends the connection. After bytes of which the server may
 * wait for more, the client ends it.
 */
export async function exchange(port: number, { bytes, isWhole }: Sent): Promise<Exchange> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const received: Buffer[] = [];
  let isReset = false;
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  // The server may refuse before it has read everything; what it said can then be lost.
  socket.on('error', () => {
    isReset = true;
  });
  socket.on('end', () => socket.end());
  if (isWhole) socket.write(bytes);
  else socket.end(bytes);
  await new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return { answer: Buffer.concat(received).toString(), isReset };
}

/** Puts a line in the place of the length of the body. */
function withLength(bytes: Buffer, line: string): Buffer {
  const [length = ''] = /content-length: \d+/.exec(bytes.toString('latin1')) ?? [];
  return replaced(bytes, length, line);
}

function replaced(bytes: Buffer, old: string, by: string): Buffer {
  const at = bytes.indexOf(old);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(by), bytes.subarray(at + old.length)]);
}

function inHead(bytes: Buffer, line: string): Buffer {
  const at = bytes.indexOf('\r\n') + 2;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(`${line}\r\n`), bytes.subarray(at)]);
}
