/** A call that rings: the caller's address and the device keys it rings on. */
export type Call = { id: string; from: string; caller: string; isVideo: boolean; rings: string[] }

/** Calls that ring now; live only, nothing of it is stored. */
export type Calls = {
  start(call: Call): void
  get(id: string): Call | undefined
  /** Ends a call and answers it, undefined when it no longer rang. */
  end(id: string): Call | undefined
  clear(): void
}

/** Makes an empty register. */
export const openCalls = (): Calls => {
  const ringing = new Map<string, Call>()
  return {
    start: (call) => void ringing.set(call.id, call),
    get: (id) => ringing.get(id),
    end: (id) => {
      const call = ringing.get(id)
      ringing.delete(id)
      return call
    },
    clear: () => ringing.clear(),
  }
}
