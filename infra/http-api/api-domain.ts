import { CfnOutput } from 'aws-cdk-lib';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';

export interface ApiDomainProps {
  readonly domainName: string;
  /** In the region of the stack. */
  readonly certificateArn: string;
  /** Hosted zone of Route 53 that gets the record. @default - none */
  readonly hostedZoneId?: string | undefined;
}

/**
 * The API's own domain name. An output says where DNS must point; in a hosted zone of the account
 * the record is made here.
 */
export class ApiDomain extends Construct {
  readonly domain: DomainName;

  constructor(scope: Construct, id: string, { domainName, certificateArn, hostedZoneId }: ApiDomainProps) {
    super(scope, id);
    this.domain = new DomainName(this, 'Name', {
      domainName,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
    });
    const target = this.domain.regionalDomainName;
    new CfnOutput(this, 'Target', {
      description: `DNS must point ${domainName} to this name, as CNAME or alias; with hostedZoneId it does already`,
      value: target,
    }).overrideLogicalId('DomainTarget');
    if (hostedZoneId === undefined) return;
    new CfnRecordSet(this, 'Record', {
      name: domainName,
      type: 'A',
      hostedZoneId,
      aliasTarget: { dnsName: target, hostedZoneId: this.domain.regionalHostedZoneId },
    });
  }
}
