import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** The S3 error codes that this endpoint uses, with their HTTP status. */
const STATUS = {
  AccessDenied: 403,
  AccessForbidden: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  BadRequest: 400,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IllegalVersioningConfigurationException: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidTag: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedPOSTRequest: 400,
  MalformedTrailerError: 400,
  MalformedXML: 400,
  MaxPostPreDataLengthExceeded: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  XAmzContentSHA256Mismatch: 400,
} as const;

export type S3ErrorCode = keyof typeof STATUS;

/** A refusal in S3's own words. `code` is the error code that clients compare. */
export class S3Error extends AutoSwiftNetError {
  /** Headers that belong to the answer, such as `x-amz-delete-marker`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(message, { code, status: STATUS[code], cause });
    this.headers = headers;
  }
}

/**
 * A file of the store is not as the store wrote it. The store then does not start, so that nothing
 * is lost by guessing.
 */
export class DamagedStoreError extends AutoSwiftNetError {
  constructor(file: string, found: string, cause?: unknown) {
    super(
      `local S3: the file ${file} is damaged: ${found}. Delete it (only what it describes is lost), or start with another data folder.`,
      { code: 'damaged-store', status: 500, cause },
    );
  }
}

/** Another program listens on the port. */
export class PortInUseError extends AutoSwiftNetError {
  constructor(host: string, port: number, cause?: unknown) {
    super(`local S3: ${host}:${port} is used by another program. Stop that program, or choose another port.`, {
      code: 'port-in-use',
      status: 500,
      cause,
    });
  }
}
