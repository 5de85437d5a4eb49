import { poll } from '../process.ts'
import type { CostSimulator } from './simulator.ts'
import type { CostSubject } from './subjects.ts'

/** Each contact gets a message of the subject's account and answers it, so that both ends have a session and neither needs the long first form. */
export async function acquaint(subject: CostSubject, simulator: CostSimulator, account: string, contacts: readonly string[]): Promise<void> {
  await subject.send(contacts, contacts.length, 1)
  for (const phone of contacts) {
    await poll('the first message', async () => ((await simulator.messagesOf(phone)).some(({ from }) => from === account) ? true : null))
    await simulator.say(phone, { to: account, type: 'text', text: 'hello' })
  }
}
