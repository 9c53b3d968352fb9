import type { Deployment } from '../deployment/deployment.ts';
import type { Api } from './api.ts';
import type { Finding } from './finding.ts';
import type { Trial } from './trial.ts';

/** What a check looks at. */
export interface Visit {
  readonly deployment: Deployment;
  readonly api: Api;
  /** The picture that is sent through the product. Checks write down in it how far it came. */
  readonly trial: Trial;
  /** Whether the heavy model is tried, too. */
  readonly heavy: boolean;
  /** Aborts when the check has used up its time, and at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One thing to look at. */
export interface Check {
  /** What people and programs know it by, in kebab-case. */
  readonly name: string;
  /** Names of earlier checks that must have succeeded: without what they did, this is skipped. */
  readonly needs?: readonly string[];
  /** Names of earlier checks whose fault makes this one pointless. */
  readonly unlessFault?: readonly string[];
  /** The IAM actions that it uses on AWS. */
  readonly actions: readonly string[];
  /** Seconds that it may take, in place of the usual ones. */
  readonly seconds?: number;
  run(visit: Visit): Promise<Finding | readonly Finding[]>;
}
