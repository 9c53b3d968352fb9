/** A resource of a CloudFormation stack. */
export interface StackResource {
  /** The name in the template, such as `TaggingTagUploadFunction1A2B3C4D`. */
  readonly logicalId: string;
  /** Name, URL or ARN, depending on the type. */
  readonly physicalId: string;
  /** @example AWS::Lambda::Function */
  readonly type: string;
}
