/** What is measured: the gateway, or raw Baileys with everything in memory and no store. */
export interface Subject {
  /** Its present process. */
  readonly pid: number
  /** Links a session of this name to this phone; milliseconds from the scan to logged in. */
  link(id: string, phone: string): Promise<number>
  /** Links a session to a phone with a seeded past; milliseconds from the scan until all of it is there. */
  linkWithHistory(id: string, phone: string, expected: SeededHistory): Promise<number>
  /** Ends the process and starts another one; milliseconds until all `sessions` are logged in again. */
  restart(sessions: number): Promise<number>
  stop(): Promise<void>
}

/** A past that the phone hands over at linking. */
export interface History {
  readonly chats: number
  readonly messagesPerChat: number
}

/** The same, seeded. */
export interface SeededHistory extends History {
  /** The chat with the oldest messages, as the simulator names it. */
  readonly oldestChat: string
}
