import { expect, it } from 'vitest'
import { missedIn } from './verdict.ts'

const row = (...cells: string[]): string => cells.map((cell) => cell.padEnd(30)).join('  ').trimEnd()

it('tells what a table of the fault tests complains of', () => {
  const table = [
    '- inbound, seed 5',
    row('part', 'what', 'goal', 'found'),
    row('inbound', 'seed 5: 5 kills and 3 resets in 55 s; to be told / accepted', 'told', '259 / 60', 'MISS'),
    row('inbound', 'missing', '0', '39', 'MISS'),
    row('inbound', 'gaps in seq', '0', '0', 'pass'),
    row('inbound', '39 missing: session-0 15551000502 in 000009 | session-0 12@g.us in 000010', '', '', 'MISS'),
    row('inbound', '87 undecryptable', '', '', 'MISS'),
    row('inbound', '50 second copies, but only 0 sends were open at the faults', '', '', 'MISS'),
  ].join('\n')
  expect(missedIn(table)).toBe('39 missing, 87 undecryptable, 50 second copies')
})

it('names the row where there is no more to say', () => {
  const table = [row('sessions', 'links lost or made again by a kill', '0', '2', 'MISS'), row('sessions', 'pre-key ids used twice, of 900', '0', '0', 'pass')].join('\n')
  expect(missedIn(table)).toBe('links lost or made again by a kill 0 2')
})

it('has nothing against a table that passes', () => {
  expect(missedIn(row('inbound', 'missing', '0', '0', 'pass'))).toBe('')
})
