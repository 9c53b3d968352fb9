import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Configuration } from '../configuration/configuration.ts';
import { allowService } from '../parts/allow-service.ts';

export interface BudgetProps extends Pick<Configuration, 'budgetTag'> {
  readonly monthlyUsd: number;
  /** Receives the messages of AWS Budgets. */
  readonly topic: Topic;
}

/** When AWS Budgets sends a message, in percent of the budget. It counts costs up to three times a day. */
const NOTIFICATIONS = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
] as const;

/**
 * A budget of the whole account, or of what carries a tag. The stack cannot make that tag count:
 * only the billing console of the paying account activates a tag for costs, and until then nothing
 * has it, so that a budget of it would stay silent.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { monthlyUsd, budgetTag, topic }: BudgetProps) {
    super(scope, id);
    allowService(topic, 'budgets.amazonaws.com');
    const [key = '', value = ''] = budgetTag?.split('=') ?? [];
    const budget = new CfnBudget(this, 'Monthly', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyUsd, unit: 'USD' },
        ...(budgetTag === undefined
          ? {}
          : { filterExpression: { tags: { key, values: [value] } }, metrics: ['UnblendedCost'] }),
      },
      notificationsWithSubscribers: NOTIFICATIONS.map(({ notificationType, threshold }) => ({
        notification: {
          notificationType,
          threshold,
          thresholdType: 'PERCENTAGE',
          comparisonOperator: 'GREATER_THAN',
        },
        subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
      })),
    });
    // AWS Budgets must be allowed to publish before it is told to.
    budget.node.addDependency(topic);
  }
}
