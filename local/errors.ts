import { AutoSwiftNetError } from '../classifier/errors.ts';
import { errorCode } from './error-code.ts';
import { DEFAULT_PORT } from './names.ts';

const FIRST_UNRESERVED_PORT = 1024;
const LAST_PORT = 65_535;

/** The port that the local stack should use is taken, or this user may not open it. */
export class PortTakenError extends AutoSwiftNetError {
  constructor(host: string, port: number, cause?: unknown) {
    const reason = errorCode(cause) === 'EACCES' ? 'may not be opened by this user' : 'is used by another program';
    super(
      `port ${port} on ${host} ${reason}. Free that port, or choose another one, for example: npx autoswiftnet start --port ${otherPort(port)}`,
      { code: 'port-in-use', status: 500, cause },
    );
  }
}

/** Another local stack runs on the data folder. Two would overwrite each other's files. */
export class DataFolderInUseError extends AutoSwiftNetError {
  constructor(dataDir: string, lockFile: string, pid: number) {
    super(
      `the data folder ${dataDir} is used by another local stack (process ${pid}). Stop that stack, or choose another folder with --data. If process ${pid} is a different program, delete ${lockFile}.`,
      { code: 'data-folder-in-use', status: 500 },
    );
  }
}

/** The data folder holds something that a local stack never leaves there. */
export class DataFolderError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'data-folder', status: 500, cause });
  }
}

/**
 * A function instance could not start: its module cannot be loaded, or its model cannot be opened.
 */
export class FunctionStartError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'function-start', status: 500, cause });
  }
}

/**
 * One invocation failed: the handler threw, took too long, or its process exited. The queue
 * delivers the messages again.
 */
export class InvocationError extends AutoSwiftNetError {
  constructor(code: 'handler-failed' | 'function-timeout' | 'instance-crashed', message: string, cause?: unknown) {
    super(message, { code, status: 500, cause });
  }
}

/** A handler answered a batch in a way that Lambda treats as a failure of the whole batch. */
export class BatchResponseError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'batch-response', status: 500, cause });
  }
}

/** Suggests a port in place of one that cannot be used. */
function otherPort(port: number): number {
  if (port < FIRST_UNRESERVED_PORT) return DEFAULT_PORT;
  return port + 10 > LAST_PORT ? port - 10 : port + 10;
}
