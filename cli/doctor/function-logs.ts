import type { Deployment } from '../deployment/deployment.ts';

/**
 * Says how to read the log of a function.
 * @param construct part of its log group's logical id: `TagUpload`, or `ApiFunction`
 */
export function functionLogs({ aws }: Pick<Deployment, 'aws'>, construct: string): string {
  if (aws === null) return 'Read the lines that autoswiftnet start prints';
  const group = aws.resources.find(
    ({ type, logicalId }) => type === 'AWS::Logs::LogGroup' && logicalId.includes(construct),
  );
  const name = group?.physicalId ?? 'LOG_GROUP';
  return `Read its log: aws logs tail ${name} --since 1h --filter-pattern '{ $.level = "ERROR" }' --region ${aws.region}`;
}
