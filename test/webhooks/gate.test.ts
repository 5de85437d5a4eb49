import { setMaxListeners } from 'node:events'
import { expect, it } from 'vitest'
import { gateOf } from '../../src/webhooks/gate.ts'

const never = new AbortController().signal
setMaxListeners(0, never)

/** Sends `count` attempts through, each of which takes what `tookMs` says of how many are inside. */
async function flow(gate: ReturnType<typeof gateOf>, count: number, tookMs: (inside: number) => number): Promise<number> {
  let inside = 0
  let most = 0
  await Promise.all(Array.from({ length: count }, async () => {
    const leave = await gate.enter(never)
    inside += 1
    most = Math.max(most, inside)
    await Promise.resolve()
    leave(tookMs(inside))
    inside -= 1
  }))
  return most
}

it('lets more and more in while answers come in good time', async () => {
  const gate = gateOf(1000)
  await flow(gate, 3000, () => 50)
  expect(gate.limit()).toBe(1024)
})

it('lets less in where many at once make answers late, until they are in time', async () => {
  const gate = gateOf(1000)
  for (let round = 0; round < 20; round += 1) await flow(gate, 200, (inside) => inside * 20)
  expect(gate.limit()).toBeGreaterThanOrEqual(8)
  expect(gate.limit()).toBeLessThan(64)
})

it('lets eight in when nothing is ever answered, and recovers', async () => {
  const gate = gateOf(1000)
  await flow(gate, 500, () => 1000)
  expect(gate.limit()).toBe(8)
  expect(await flow(gate, 40, () => 1000)).toBe(8)
  await flow(gate, 200, () => 10)
  expect(gate.limit()).toBeGreaterThan(64)
})

it('keeps the order of the calls, and lets go of who wants no more', async () => {
  const gate = gateOf(1000)
  await flow(gate, 500, () => 1000)
  const leaves = await Promise.all(Array.from({ length: 8 }, () => gate.enter(never)))
  const order: string[] = []
  const impatient = new AbortController()
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    const leave = await gate.enter(name === 'b' ? impatient.signal : never)
    order.push(name)
    return leave
  })
  impatient.abort()
  await waiting[1]
  expect(order).toEqual(['b'])
  for (const leave of leaves) leave(1000)
  await Promise.all(waiting)
  expect(order).toEqual(['b', 'a', 'c'])
})
