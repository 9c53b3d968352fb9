import { stackKey } from '../../deployment/deploy-again.ts';
import type { Check } from '../check.ts';
import { fault, sound, warning } from '../finding.ts';
import { stackOf } from '../resources-of.ts';

/** The last deployment ended well. */
export const stackStatus: Check = {
  name: 'stack-status',
  actions: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'],
  async run(visit) {
    const { name, status, region, resources } = stackOf(visit);
    if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) {
      return sound(`${name} in ${region}: ${status}, ${resources.length} resources`);
    }
    const told = { expected: 'CREATE_COMPLETE or UPDATE_COMPLETE', found: status };
    if (status.endsWith('_IN_PROGRESS')) {
      return warning({
        ...told,
        cure: `Wait until it has ended: aws cloudformation describe-stacks --stack-name ${name} --region ${region}`,
      });
    }
    const why = `See why: aws cloudformation describe-stack-events --stack-name ${name} --region ${region} --query "StackEvents[?contains(ResourceStatus,'FAILED')].[LogicalResourceId,ResourceStatusReason]"`;
    if (status === 'UPDATE_ROLLBACK_COMPLETE') {
      return warning({ ...told, cure: `The last deployment failed, and the one before is in use. ${why}` });
    }
    const next = status === 'UPDATE_ROLLBACK_FAILED' ? ` Then: npx cdk rollback${stackKey(name)}` : '';
    return fault({ ...told, cure: `${why}.${next}` });
  },
};
