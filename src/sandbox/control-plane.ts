import { Problem } from '../errors.ts'

/** The control plane of a simulator that runs alone. */
export interface ControlPlane {
  /** Repeats a request there: `path` is the whole path with its query; what it answers is passed on as it is. */
  forward(method: string, path: string, body: unknown): Promise<Answer>
}

/** An answer to be passed on. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const TIMEOUT_MS = 60_000

/** Speaks to the simulator at `controlUrl`. */
export const controlPlane = (controlUrl: string): ControlPlane => ({
  async forward(method, path, body) {
    try {
      const response = await fetch(`${controlUrl}${path}`, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined || body === null ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      return { status: response.status, contentType: response.headers.get('content-type') ?? 'application/json', body: await response.text() }
    } catch (error) {
      throw new Problem('WHATSAPP_UNAVAILABLE', 'The simulator does not answer.', { cause: error })
    }
  },
})
