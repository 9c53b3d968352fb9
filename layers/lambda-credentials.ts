/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles of the Lambda functions. Lambda
 * puts a function's credentials into its environment, where the SDK looks first:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 * The other places, such as profiles, single sign-on and machines, bring 220 kB of code.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
