import { CfnOutput } from 'aws-cdk-lib';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnRecordSet, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';

export interface ApiDomainProps {
  readonly domainName: string;
  /** In the region of the stack. */
  readonly certificate: ICertificate;
  /** Hosted zone of Route 53 that gets the record. @default - none */
  readonly hostedZone?: IHostedZone | undefined;
}

/**
 * The API's own domain name. An output says where DNS must point; in a hosted zone of the account
 * the record is made here.
 */
export class ApiDomain extends Construct {
  readonly domain: DomainName;
  /** Says where DNS must point. */
  readonly target: CfnOutput;

  constructor(scope: Construct, id: string, { domainName, certificate, hostedZone }: ApiDomainProps) {
    super(scope, id);
    this.domain = new DomainName(this, 'Name', {
      domainName,
      certificate,
    });
    const target = this.domain.regionalDomainName;
    this.target = new CfnOutput(this, 'Target', {
      description: `DNS must point ${domainName} to this name, as CNAME or alias; with a hosted zone it does already`,
      value: target,
    });
    if (hostedZone === undefined) return;
    new CfnRecordSet(this, 'Record', {
      name: domainName,
      type: 'A',
      hostedZoneId: hostedZone.hostedZoneId,
      aliasTarget: { dnsName: target, hostedZoneId: this.domain.regionalHostedZoneId },
    });
  }
}
