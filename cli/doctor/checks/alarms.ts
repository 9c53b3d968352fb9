import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { alarmsOf, topicsOf } from '../alarms-of.ts';
import type { Check } from '../check.ts';
import { type Finding, sound, warning } from '../finding.ts';
import { stackOf } from '../resources-of.ts';

/** No alarm is raised. Alarms that only start or stop GPU machines do not count. */
export const alarms: Check = {
  name: 'alarms',
  actions: ['cloudwatch:DescribeAlarms'],
  async run(visit) {
    const found = (await alarmsOf(stackOf(visit))).filter((alarm) => topicsOf(alarm).length > 0);
    const raised = found.filter(({ StateValue }) => StateValue === 'ALARM');
    return raised.length === 0 ? sound(`none of ${found.length} alarms is raised`) : raised.map(toFinding);
  },
};

function toFinding({ AlarmName, AlarmDescription = '', StateReason = '' }: MetricAlarm): Finding {
  return warning({
    expected: `the alarm ${AlarmName} is not raised`,
    found: `${AlarmDescription} (${StateReason})`,
    cure: 'docs/runbook.md has a row for each alarm.',
  });
}
