import { fetchReport } from '../../cli/fetch-report.ts';
import { DownloadError } from '../../models/download/errors.ts';
import { findZooModel } from '../../models/zoo/zoo.ts';

const FAILURE = new DownloadError('https://x.example: the connection failed', { transient: true });

function reportTo(written: string[]) {
  const screen = { isTTY: false, write: (text: string) => written.push(text) > 0 };
  return fetchReport({ model: findZooModel('resnet18_ssl'), precision: 'int8' }, () => written.push('licence'), screen);
}

test('attempts that fail one after the other are told once, and again only after data has arrived', () => {
  const written: string[] = [];
  const { onRetry, onProgress } = reportTo(written);

  for (let left = 4; left > 0; left -= 1) onRetry(FAILURE, left);
  onProgress({ receivedBytes: 1, totalBytes: 2 });
  onRetry(FAILURE, 1);

  expect(written).toEqual([
    'resnet18_ssl: https://x.example: the connection failed; trying up to 4 times more\n',
    'resnet18_ssl: https://x.example: the connection failed; trying up to once more\n',
  ]);
});

test('each step is told in one line, the licence first', () => {
  const written: string[] = [];
  const { onBegin, onConvert, onDerive, onWarning, onStep, stop } = reportTo(written);

  onBegin();
  onConvert();
  onDerive();
  onStep('comparing with fp32', 1, 96);
  onWarning('it may\nanswer wrongly');
  stop();

  expect(written).toEqual([
    'licence',
    'resnet18_ssl: downloading 47 MB\n',
    'resnet18_ssl: download verified; converting it to a package\n',
    'resnet18_ssl: making the int8 package from the fp32 package\n',
    'resnet18_ssl.int8: comparing with fp32, 96 images\n',
    'resnet18_ssl: warning: it may answer wrongly\n',
  ]);
});
