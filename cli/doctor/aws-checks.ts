import type { Check } from './check.ts';

/** What only AWS has: CloudFormation, event source mappings, policies of topics, quotas, roles. */
export const AWS_CHECKS: readonly Check[] = [];
