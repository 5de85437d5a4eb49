/** `npm run test:faults -- [--seed N] [--messages N] [--sends N] [--kills N] [--resets N] [--keep FOLDER]`. */
import { parseArgs } from 'node:util'
import { complaintsOf } from './checker.ts'
import { run } from './run.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' }, messages: { type: 'string' }, sends: { type: 'string' }, kills: { type: 'string' }, resets: { type: 'string' }, sessions: { type: 'string' }, contacts: { type: 'string' }, keep: { type: 'string' }, 'store-faults': { type: 'string' }, 'commit-ms': { type: 'string' } } })
const size = (name: 'seed' | 'messages' | 'sends' | 'kills' | 'resets' | 'sessions' | 'contacts', otherwise: number): number => Number(values[name] ?? otherwise)
const result = await run({ seed: size('seed', Date.now() & 0xffffff), sessions: size('sessions', 2), contacts: size('contacts', 5), messages: size('messages', 300), sends: size('sends', 60), kills: size('kills', 8), resets: size('resets', 6), dataDir: values.keep, storeFaults: values['store-faults'] === undefined ? undefined : Number(values['store-faults']), commitMs: values['commit-ms'] === undefined ? undefined : Number(values['commit-ms']) })
const complaints = complaintsOf(result)
process.stdout.write(`${JSON.stringify(result, null, 1)}\n${complaints.join('\n')}\n`)
process.exit(complaints.length === 0 ? 0 : 1)
