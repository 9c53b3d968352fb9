import type { Deployment, LogGroups } from '../deployment/deployment.ts';

/**
 * Says how to read the log of a program.
 */
export function functionLogs({ aws }: Pick<Deployment, 'aws'>, program: keyof LogGroups): string {
  if (aws === null) return 'Read the lines that autoswiftnet start prints';
  const name = aws.logs[program] ?? 'LOG_GROUP';
  return `Read its log: aws logs tail ${name} --since 1h --filter-pattern '{ $.level = "ERROR" }' --region ${aws.region}`;
}
