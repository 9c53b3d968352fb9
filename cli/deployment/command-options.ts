import { type Command, InvalidArgumentError } from 'commander';

/** A stack of somebody's own may have several services. */
export const SERVICE_HELP = 'which AutoSwiftNet of the stack, if it has several: what its outputs begin with';

/** Adds the options that say which deployment a command is for: see `DeploymentOptions`. */
export function addDeploymentOptions(command: Command): Command {
  return command
    .option('--stack <name>', 'name of a CloudFormation stack (default: the local stack)')
    .option('--region <region>', 'AWS region of the stack (default: that of the AWS configuration)')
    .option('--service <name>', SERVICE_HELP)
    .option('--url <url>', 'address of the local stack (default: http://127.0.0.1:3000)', parseUrl);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:') throw new InvalidArgumentError('Use the http URL that autoswiftnet start prints.');
  return url;
}
