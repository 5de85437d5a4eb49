import { stockInbound } from '../catchers.ts'
import type { Mutant } from '../mutant.ts'
import { FRAMES } from './frames.ts'
import { OUTBOX_LANE } from './outbox.ts'
import { RATCHETS } from './ratchets.ts'
import { STATE } from './state.ts'

/** Baileys as it comes, in place of our gateway. */
export const STOCK: Mutant = { name: 'stock', off: 'all of it: Baileys 7.0.0-rc14 as it comes, over SQLite', edits: [], caughtBy: stockInbound }

/** Every piece that can be switched off. */
export const MUTANTS: readonly Mutant[] = [...RATCHETS, ...FRAMES, ...STATE, ...OUTBOX_LANE]
