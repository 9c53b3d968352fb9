import type { Backfill } from '../backfill/backfill.ts';
import type { HeavyModels } from '../heavy-models/heavy-models.ts';
import type { HttpApi } from '../http-api/http-api.ts';
import type { AutoSwiftNet } from '../tagging/auto-swift-net.ts';

export interface MonitoringProps {
  /** What is watched. */
  readonly service: AutoSwiftNet;
  /**
   * Its API, with alarms and graphs of its own.
   * @default - none
   */
  readonly api?: HttpApi | undefined;
  /**
   * Its backfill, with an alarm of its own.
   * @default - none
   */
  readonly backfill?: Backfill | undefined;
  /**
   * Its heavy models, with alarms and graphs of their own.
   * @default - none
   */
  readonly heavyModels?: HeavyModels | undefined;
  /**
   * E-mail address that receives the alarms.
   * @default - none
   */
  readonly alarmEmail?: string | undefined;
  /**
   * Budget of a month in US dollars, 1 to 1,000,000: at 80% and 100% of it, and when it is likely to
   * be exceeded, AWS Budgets writes to the topic of the alarms.
   * @default - no budget
   */
  readonly monthlyBudgetUsd?: number | undefined;
  /**
   * What the budget counts, such as `project=photos`: only what carries this tag, which must be
   * active as a cost allocation tag.
   * @default - all costs of the account
   */
  readonly budgetTag?: string | undefined;
}
