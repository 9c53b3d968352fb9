import { commandLineSchema } from '../../cli/settings.ts';
import { environmentSchema } from '../../functions/environment.ts';
import { functionEnvironment } from '../../local/function-environment.ts';
import { readPage } from './markdown-files.ts';

/** The gateway of the local stack reads it; no function needs it. */
const READ_BY_GATEWAY = 'AUTOSWIFTNET_OIDC_TOKEN_URL';

const PAGE = readPage('docs/settings.md');

/** The variables that one generated table lists. */
function listed(table: string): string[] {
  const [, text = ''] = PAGE.split(`<!-- generated: ${table} -->`);
  const [rows = ''] = text.split('<!-- end -->');
  return [...rows.matchAll(/^\| `(AUTOSWIFTNET_[A-Z_]+)`/gm)].map(([, name = '']) => name);
}

/** Whether `npm start` uses what the user has set. */
function usedLocally(name: string): boolean {
  const endpoint = 'http://127.0.0.1:1';
  const environment = functionEnvironment({
    variables: Object.fromEntries(Object.keys(environmentSchema.shape).map((each) => [each, 'set by the user'])),
    packageDir: '/models/sample',
    endpoints: { s3: endpoint, sqs: endpoint, sns: endpoint, dynamodb: endpoint },
    resultsTopicArn: 'arn',
    heavy: null,
  });
  return environment[name] === 'set by the user' || name in commandLineSchema.shape || name === READ_BY_GATEWAY;
}

test('the page says which variables `npm start` ignores', () => {
  const [, sentences = ''] = PAGE.split('It ignores');
  const [paragraph = ''] = sentences.split('\n\n');
  const [ignored = [], kept = []] = paragraph
    .split('all but')
    .map((part) => [...part.matchAll(/`(AUTOSWIFTNET_[A-Z_]+)`/g)].map(([, name]) => name));

  expect(
    listed('settings')
      .filter((name) => !usedLocally(name))
      .sort(),
  ).toEqual(ignored.sort());
  expect(listed('worker-settings').filter(usedLocally).sort()).toEqual(kept.sort());
});
