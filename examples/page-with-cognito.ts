/** The HTTP API and the page, for the people of a user pool. */

import { AutoSwiftNet, HttpApi, ModelPackage, Monitoring, Page } from 'autoswiftnet/cdk';
import { App, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Mfa, OAuthScope, UserPool } from 'aws-cdk-lib/aws-cognito';

const app = new App();
const stack = new Stack(app, 'Gallery');

const pool = new UserPool(stack, 'People', {
  mfa: Mfa.REQUIRED,
  mfaSecondFactor: { otp: true, sms: false },
  passwordPolicy: {
    minLength: 12,
    requireSymbols: true,
    requireDigits: true,
    requireUppercase: true,
    requireLowercase: true,
  },
});
Validations.of(pool).acknowledge({
  id: 'AwsSolutions-COG8',
  reason: 'The plus plan costs money for each user. Choose it where people may sign up themselves.',
});
const login = pool.addDomain('Login', { cognitoDomain: { domainPrefix: 'gallery-of-our-photos' } });
const client = pool.addClient('Page', {
  accessTokenValidity: Duration.hours(1),
  oAuth: {
    flows: { authorizationCodeGrant: true },
    // The page asks for these three.
    scopes: [OAuthScope.OPENID, OAuthScope.PROFILE, OAuthScope.EMAIL],
    // Put the address of the page into both lists once it is known, the output PageUrl, and deploy again.
    callbackUrls: ['https://gallery.example/'],
    logoutUrls: ['https://gallery.example/'],
  },
});

const service = new AutoSwiftNet(stack, 'Tagging', { model: ModelPackage.sample() });
const api = new HttpApi(stack, 'Api', {
  service,
  jwtIssuer: pool.userPoolProviderUrl,
  jwtAudience: [client.userPoolClientId],
});
const page = new Page(stack, 'Page', { api, loginOrigins: [login.baseUrl()] });
new Monitoring(stack, 'Monitoring', { service, api });
new CfnOutput(stack, 'PageUrl', { value: page.url });
