import type { Check } from './check.ts';
import { alarmTopics } from './checks/alarm-topics.ts';
import { alarms } from './checks/alarms.ts';
import { eventSources } from './checks/event-sources.ts';
import { functions } from './checks/functions.ts';
import { gpuQuota } from './checks/gpu-quota.ts';
import { lambdaConcurrency } from './checks/lambda-concurrency.ts';
import { queuePolicy } from './checks/queue-policy.ts';
import { roles } from './checks/roles.ts';
import { stackStatus } from './checks/stack-status.ts';

/** What only AWS has: the stack itself, event sources, policies, quotas, roles and alarms. */
export const AWS_CHECKS: readonly Check[] = [
  stackStatus,
  functions,
  eventSources,
  queuePolicy,
  lambdaConcurrency,
  gpuQuota,
  roles,
  alarmTopics,
  alarms,
];
