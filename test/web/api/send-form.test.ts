import { jest } from '@jest/globals';
import { sendForm } from '../../../web/api/send-form.ts';

const NEVER = new AbortController().signal;
const UPLOAD = { id: 'i', key: 'k', url: 'https://bucket.test/', fields: {}, maxBytes: 9, expiresAt: '' };

/** An upload that goes on when a test says so. */
class FakeRequest extends EventTarget {
  static last: FakeRequest;
  readonly upload = new EventTarget();
  timeout = 0;
  status = 204;

  constructor() {
    super();
    FakeRequest.last = this;
  }

  open(): void {}

  send(): void {}

  progress(loaded: number, total: number): void {
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded, total }));
  }
}

const original = globalThis.XMLHttpRequest;
let nowMs = 5_000;

beforeEach(() => {
  globalThis.XMLHttpRequest = FakeRequest as unknown as typeof XMLHttpRequest;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
});

afterEach(() => {
  globalThis.XMLHttpRequest = original;
  jest.restoreAllMocks();
});

test('an upload may take any time, but each step of it no more than a minute', async () => {
  const parts: number[] = [];
  const sending = sendForm(UPLOAD, new Blob(['x']), NEVER, (part) => parts.push(part));
  const limits = [FakeRequest.last.timeout];

  for (const loaded of [1, 2]) {
    nowMs += 50_000;
    FakeRequest.last.progress(loaded, 2);
    limits.push(FakeRequest.last.timeout);
  }
  FakeRequest.last.dispatchEvent(new Event('load'));

  await sending;
  expect(parts).toEqual([0.5, 1]);
  expect(limits).toEqual([60_000, 110_000, 160_000]);
});

test('an upload without progress is a failed connection', async () => {
  const sending = sendForm(UPLOAD, new Blob(['x']), NEVER, () => {});

  FakeRequest.last.dispatchEvent(new Event('timeout'));

  await expect(sending).rejects.toMatchObject({
    name: 'ApiError',
    status: 0,
    message: 'The upload to the bucket came to a standstill.',
  });
});
