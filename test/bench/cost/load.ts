import { Pool } from 'undici'

/** What the sends of a measure say, by their place. */
export const textOf = (place: number): string => `message ${place}, about as long as people write on an ordinary day`

/** So many texts to these chats in turn. */
export interface Posts {
  readonly url: string
  readonly key: string
  readonly session: string
  /** Phones. */
  readonly chats: readonly string[]
  readonly count: number
  /** Keep-alive connections, each with one request at a time. */
  readonly connections: number
}

/** Posts texts as an integrator would, each answered when WhatsApp's server has the message; throws where one is not. */
export async function post({ url, key, session, chats, count, connections }: Posts): Promise<void> {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const headers = { 'x-api-key': key, 'content-type': 'application/json' }
  let next = 0
  const lane = async (): Promise<void> => {
    for (let place = next++; place < count; place = next++) {
      const chat = chats[place % chats.length] ?? ''
      const { statusCode, body } = await pool.request({ path: `/sessions/${session}/chats/${chat}/messages`, method: 'POST', headers, body: JSON.stringify({ text: textOf(place) }) })
      const answer = await body.text()
      if (statusCode !== 201) throw new Error(`a send was answered ${statusCode}: ${answer}`)
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  await pool.close()
}
