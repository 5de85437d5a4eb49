import { Problem, type ErrorCode } from '../errors.ts'
import { Refusal, type RefusalCode } from '../simulator/refusal.ts'

const CODES: Readonly<Record<RefusalCode, ErrorCode>> = {
  QR_UNKNOWN: 'SANDBOX_TARGET_NOT_FOUND',
  CODE_UNKNOWN: 'SANDBOX_TARGET_NOT_FOUND',
  NOT_FOUND: 'SANDBOX_TARGET_NOT_FOUND',
  CODE_WRONG: 'PAIRING_FAILED',
  LINK_ABORTED: 'PAIRING_FAILED',
  BAD_REQUEST: 'VALIDATION_FAILED',
}

/** What a caller is told of a verb that the simulator refused; any other error stays as it is. */
export const toSandboxProblem = (error: unknown): unknown => {
  if (!(error instanceof Refusal)) return error
  const words = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`
  return new Problem(CODES[error.code], words, { cause: error })
}
