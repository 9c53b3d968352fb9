import { summaryText } from '../../cli/doctor/print.ts';
import { configurationSchema } from '../../infra/configuration/configuration.ts';
import { useAssemblies } from '../infra/assemblies.ts';
import { readPage } from './markdown-files.ts';

const PAGE = readPage('docs/first-deployment.md');
const STACK = 'AutoSwiftNetTrial';

const assembly = useAssemblies();

/** The different texts of the first group. */
function all(pattern: RegExp): string[] {
  return [...new Set([...PAGE.matchAll(pattern)].map(([, found = '']) => found))];
}

test('every key that its commands set is a key of the configuration, and all name one stack', () => {
  const keys = all(/-c (\w+)=/g);

  expect(keys).toEqual(expect.arrayContaining(['stackName', 'gpu', 'keepData', 'alarmEmail']));
  expect(keys.filter((key) => !(key in configurationSchema.shape))).toEqual([]);
  expect(all(/(?:stackName=|--stack |name-prefix (?:\S*\/)?)(\w+)/g)).toEqual([STACK]);
});

test('every output that it names is an output of such a stack', () => {
  const named = all(/`(\w+(?:Command|Url|Table|Bucket))`/g);

  expect(named).toEqual(expect.arrayContaining(['UploadCommand', 'RecordsTable']));
  expect(named.filter((name) => !(name in assembly('withoutGpu').template.Outputs))).toEqual([]);
});

test('the line that it promises of a sound stack is what the doctor prints', () => {
  const [promised = 'nothing'] = /the stack \w+ is sound: faults 0/.exec(PAGE) ?? [];

  expect(summaryText(`the stack ${STACK}`, [])).toContain(promised);
});

test('the alarm that it raises exists, and its steps take the twenty minutes that it says', () => {
  const alarms = Object.keys(assembly('withoutGpu').template.Resources).filter((id) => id.includes('UploadsOld'));
  const minutes = [...PAGE.matchAll(/^## \d\. .*\((\d+) minutes?\)$/gm)].map(([, one]) => Number(one));

  expect(PAGE).toContain('contains(AlarmName, `UploadsOld`)');
  expect(alarms).toHaveLength(1);
  expect(minutes.reduce((sum, one) => sum + one, 0)).toBe(20);
});
