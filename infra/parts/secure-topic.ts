import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { TopicProps } from 'aws-cdk-lib/aws-sns';

/** A topic accepts TLS only. A key encrypts it, if there is one of the account. */
export function secureTopic(masterKey: IKey | null): TopicProps {
  return { enforceSSL: true, ...(masterKey === null ? {} : { masterKey }) };
}
