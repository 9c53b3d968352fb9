import { readFileSync } from 'node:fs';
import { MalformedBodyError } from '../../../functions/api/errors.ts';
import { readRequest } from '../../../functions/api/request.ts';

function captured(name: string, changes: object = {}) {
  const url = new URL(`../../fixtures/events/http-api/${name}.json`, import.meta.url);
  return { ...JSON.parse(readFileSync(url, 'utf8')).event, ...changes };
}

test('a body in base64 is bytes, never text', () => {
  const { body, contentType, query } = readRequest(captured('post-image'));

  expect([...body.bytes()]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 255]);
  expect(body.size).toBe(10);
  expect(contentType).toBe('image/png');
  expect(query.get('top')).toBe('3');
});

test('text is UTF-8, and a media type is told without its parameters', () => {
  const { body, contentType } = readRequest(captured('post-json'));

  expect(body.bytes().toString()).toBe('{"key":"ü.jpg"}');
  expect(body.size).toBe(16);
  expect(contentType).toBe('application/json');
});

test.each(['!!!!', 'AAA*', 'AA==AAAA', 'AA\nAA', 'ü'.repeat(8)])('%j is not base64', (body) => {
  expect(() => readRequest(captured('post-image', { body })).body.bytes()).toThrow(MalformedBodyError);
});

test('users differ by issuer and subject, or by role; without a login there is no user', () => {
  expect(readRequest(captured('jwt')).principal).toBe(
    'jwt https://id.example.com d2f50444-0041-7036-aea2-a955fca33d37',
  );
  expect(readRequest(captured('iam')).principal).toBe('iam arn:aws:sts::123456789012:assumed-role/Admin/me');
  expect(readRequest(captured('get')).principal).toBeNull();
});

test('a parameter given twice is there twice, though API Gateway joins the two', () => {
  expect(readRequest(captured('get-query')).query.getAll('x')).toEqual(['1', 'a b']);
});

test('an event of the older format is refused', () => {
  expect(() => readRequest(captured('get', { version: '1.0' }))).toThrow();
});
