import { expect, it } from 'vitest'
import { patientLane } from '../../src/whatsapp/lane.ts'
import { until } from '../support/wait.ts'

const PATIENCE_MS = 20

/** Work that ends when it is told to. */
function held(): { readonly work: Promise<void>; end(): void; fail(error: Error): void } {
  let end: () => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const work = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  return { work, end: () => end(), fail: (error) => fail(error) }
}

it('a chat that keeps the lane waiting is set aside, with all that follows in it, in order', async () => {
  const lane = patientLane(PATIENCE_MS, (error) => expect.unreachable(error.message))
  const slow = held()
  const done: string[] = []
  const put = (name: string) => async (): Promise<void> => void done.push(name)

  await lane.take('slow', () => slow.work.then(put('slow 1')))
  await lane.take('slow', put('slow 2'))
  await lane.take('quick', put('quick 1'))
  await lane.take('slow', put('slow 3'))
  await lane.take('quick', put('quick 2'))
  expect(done).toEqual(['quick 1', 'quick 2'])
  slow.end()
  await until(() => done.length === 5)
  expect(done).toEqual(['quick 1', 'quick 2', 'slow 1', 'slow 2', 'slow 3'])
  await lane.take('slow', put('slow 4'))
  expect(done.at(-1)).toBe('slow 4')
})

it('nothing of a chat goes after what failed in it, and the failure is told', async () => {
  const faults: string[] = []
  const lane = patientLane(PATIENCE_MS, (error) => void faults.push(error.message))
  const slow = held()
  const done: string[] = []
  await lane.take('slow', () => slow.work)
  await lane.take('slow', async () => void done.push('slow 2'))
  slow.fail(new Error('the store failed'))
  await until(() => faults.length > 0)
  await lane.take('slow', async () => void done.push('slow 3'))
  await lane.take('quick', async () => void done.push('quick'))
  expect(done).toEqual(['quick'])
  expect(new Set(faults)).toEqual(new Set(['the store failed']))
  await expect(lane.take('quick', () => Promise.reject(new Error('at once')))).rejects.toThrow('at once')
})

it('only so many chats are waited for at once', async () => {
  const lane = patientLane(PATIENCE_MS, (error) => expect.unreachable(error.message))
  const slow = Array.from({ length: 21 }, held)
  let begun = 0
  for (const [place, { work }] of slow.slice(0, 20).entries()) {
    await lane.take(`slow ${place}`, () => {
      begun += 1
      return work
    })
  }
  expect(begun).toBe(20)
  let isTaken = false
  const last = lane.take('slow 20', () => slow[20]?.work ?? Promise.resolve()).then(() => void (isTaken = true))
  await lane.take('slow 0', async () => undefined)
  expect(isTaken).toBe(false)
  for (const { end } of slow) end()
  await last
})
