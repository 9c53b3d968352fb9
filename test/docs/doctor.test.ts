import { AWS_CHECKS } from '../../cli/doctor/aws-checks.ts';
import { removal } from '../../cli/doctor/checks/removal.ts';
import { checksFor } from '../../cli/doctor/checks.ts';
import { readPage } from './markdown-files.ts';

test('the page has every check in its order, with the IAM actions that it uses', async () => {
  const local = await checksFor(null);
  const all = await checksFor({
    name: 'Photos',
    status: 'CREATE_COMPLETE',
    region: 'eu-west-1',
    resources: [],
    backfill: null,
    service: '',
    logs: { tagging: null, api: null, heavy: null },
    gpuMachines: null,
    watched: { prefix: '', suffix: '', source: 'notifications' },
  });
  const rows = [...readPage('docs/doctor.md').matchAll(/^\| `([a-z-]+)` \| [A-Z`].+\. \| (.+) \|$/gm)].map(
    ([, name, actions]) => `${name}: ${actions}`,
  );

  expect(all).toHaveLength(local.length + AWS_CHECKS.length);
  expect(rows).toEqual(
    [...all, removal].map(({ name, actions }) => `${name}: ${actions.map((action) => `\`${action}\``).join(', ')}`),
  );
});
