import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as fc from 'fast-check';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { type MadeRequest, requests } from '../../functions/api/made-requests.ts';
import { type Attempt, HostileFault, type Trial, VALID } from '../kind.ts';
import type { Random } from '../random.ts';
import { sampled } from '../sampled.ts';
import { bodyChanges } from './change-body.ts';
import { EVENT_CHANGES } from './change-event.ts';
import { HEADER_CHANGES } from './change-headers.ts';
import { type ChangeRequest, TARGET_CHANGES } from './change-target.ts';
import { type HostileRequest, toHostile } from './hostile-request.ts';
import { openRequestWorld, type RequestWorld } from './request-world.ts';
import { exchange, type Sent, toBytes, WIRE_CHANGES } from './wire.ts';

const WIRE_SHARE = 0.4;
const LATE_CHANGE_SHARE = 0.3;
/** A wrong query hides what is wrong behind it. */
const PLAIN_QUERY_SHARE = 0.6;
const MOST_CHANGES = 3;
/** Wall time; a hang is an answer that never comes. The watcher bounds the processor time. */
const HANG_MS = 10_000;
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /;

/**
 * Opens the requests: those that openapi.yaml describes, with their target, headers and body
 * changed, as events to the API's handler and as bytes to the local gateway. An answer must be one
 * of openapi.yaml for its operation, or a refusal of Node's HTTP server, and none is a fault of
 * ours (5xx).
 */
export async function openRequests(folder: string): Promise<Trial> {
  const world = await openRequestWorld(folder);
  const made = requests(world.picture);
  const changes = { ...TARGET_CHANGES, ...HEADER_CHANGES, ...bodyChanges(world.picture) };
  return { make: (random) => requestAttempt(random, world, made, changes), close: () => world.close() };
}

function requestAttempt(
  random: Random,
  world: RequestWorld,
  made: fc.Arbitrary<MadeRequest>,
  changes: Readonly<Record<string, ChangeRequest>>,
): Attempt {
  const request = toHostile(sampled(made, random));
  if (random.isChance(PLAIN_QUERY_SHARE)) request.target = request.target.split('?', 1)[0] ?? '';
  const names = Array.from({ length: random.below(MOST_CHANGES + 1) }, () => random.oneOf(Object.keys(changes)));
  for (const name of names) changes[name]?.(request, random);
  const mutation = names[0] ?? 'as described';
  return random.isChance(WIRE_SHARE)
    ? wireAttempt(request, mutation, random, world)
    : eventAttempt(request, mutation, random, world);
}

function eventAttempt(request: HostileRequest, mutation: string, random: Random, world: RequestWorld): Attempt {
  const rawHeaders = [['host', 'api.example.com'], ...request.headers].flatMap(([name = '', value = '']) => [
    asName(name),
    asRead(value),
  ]);
  const whole = toHttpEvent(
    { method: request.method, url: request.target, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 },
    request.body,
    new Date(),
  );
  const late = random.isChance(LATE_CHANGE_SHARE) ? random.oneOf(Object.keys(EVENT_CHANGES)) : undefined;
  const event = { ...whole, ...EVENT_CHANGES[late ?? '']?.(whole, random) };
  return {
    mutation: late ?? mutation,
    file: JSON.stringify(event),
    run: async () => outcomeOf(await inTime(world.api.invoke(event))),
  };
}

/** No server of HTTP passes on a name of other characters. */
function asName(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '') || 'x';
}

/** A header's value as Node reads it: bytes as characters, and none that controls. */
function asRead(value: string): string {
  return Buffer.from(value)
    .toString('latin1')
    .replaceAll(/(?![\t\u0080-\u009f])\p{Cc}/gu, '');
}

function outcomeOf({ statusCode = 0, headers = {}, body = '' }: APIGatewayProxyStructuredResultV2): string {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
  }
  return outcomeOfAnswer(statusCode, body);
}

function outcomeOfAnswer(status: number, body: string): string {
  if (status >= 500) throw new HostileFault(`status ${status}: ${body.slice(0, 500)}`);
  if (status < 400) return VALID;
  const [, code = `status ${status}`] = /"urn:autoswiftnet:problem:([^"]+)"/.exec(body) ?? [];
  return code;
}

function wireAttempt(request: HostileRequest, mutation: string, random: Random, world: RequestWorld): Attempt {
  const whole = toBytes(request, world.gateway.port);
  const late = random.isChance(LATE_CHANGE_SHARE) ? random.oneOf(Object.keys(WIRE_CHANGES)) : undefined;
  const changed = WIRE_CHANGES[late ?? '']?.(whole.bytes, random);
  const sent = changed === undefined ? whole : { bytes: changed, isWhole: false };
  return { mutation: late ?? `sent, ${mutation}`, file: sent.bytes, run: () => inTime(send(sent, world)) };
}

async function send(sent: Sent, { gateway, settled }: RequestWorld): Promise<string> {
  const { answer, isReset } = await exchange(gateway.port, sent);
  await settled();
  const status = STATUS_LINE.exec(answer)?.[1];
  if (status !== undefined) return outcomeOfAnswer(Number(status), answer);
  if (answer !== '' || (sent.isWhole && !isReset)) {
    throw new HostileFault(`the answer is ${JSON.stringify(answer.slice(0, 500))}`);
  }
  return 'the connection ended';
}

async function inTime<Answer>(answering: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HostileFault(`no answer within ${HANG_MS} ms`)), HANG_MS);
  });
  return Promise.race([answering, hang]).finally(() => clearTimeout(timer));
}
