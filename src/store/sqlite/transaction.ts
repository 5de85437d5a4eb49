import type { Apply } from './apply.ts'
import type { Connection } from './connection.ts'
import { concernsAll, faultOf, type Fault } from './fault.ts'
import { followUps } from './follow-up.ts'
import type { WriterCommit } from './protocol.ts'

/** What became of the commits of one transaction, by their numbers. */
export interface Written {
  readonly written: readonly number[]
  readonly failed: readonly (readonly [number, Fault])[]
}

/** What writes commits in one durable transaction: all of them, or all but those that fail by themselves, or none when the disk or the file is at fault. */
export function transactionOf(db: Connection, { change: apply, heads }: Apply): (batch: readonly WriterCommit[]) => Written {
  const after = followUps()
  const applyAll = ({ sessionId, changes }: WriterCommit): void => {
    for (const change of changes) apply(sessionId, change)
  }
  const inTransaction = (work: () => void): void => {
    db.exec('BEGIN IMMEDIATE')
    try {
      work()
      heads.settle()
      db.exec('COMMIT')
    } catch (error) {
      heads.forget()
      // A full disk makes SQLite roll back by itself.
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  /** Slower, so only once the batch has failed as a whole: each commit under a savepoint of its own. */
  const oneByOne = (batch: readonly WriterCommit[]): Written => {
    const written: number[] = []
    const failed: [number, Fault][] = []
    inTransaction(() => {
      for (const commit of batch) {
        db.exec('SAVEPOINT one')
        try {
          applyAll(commit)
          heads.settle()
          written.push(commit.number)
        } catch (error) {
          const fault = faultOf(error)
          if (concernsAll(fault)) throw error
          failed.push([commit.number, fault])
          db.exec('ROLLBACK TO one')
          heads.forget()
        }
        db.exec('RELEASE one')
      }
    })
    return { written, failed }
  }

  const writeAll = (batch: readonly WriterCommit[]): Written => {
    try {
      inTransaction(() => batch.forEach(applyAll))
      return { written: batch.map(({ number }) => number), failed: [] }
    } catch (error) {
      const fault = faultOf(error)
      const none = (all: Fault): Written => ({ written: [], failed: batch.map(({ number }) => [number, all] as const) })
      if (batch.length === 1 || concernsAll(fault)) return none(fault)
      try {
        return oneByOne(batch)
      } catch (again) {
        return none(faultOf(again))
      }
    }
  }

  return (batch) => {
    const refused = new Map(batch.flatMap((commit) => {
      const fault = after.refusal(commit)
      return fault === null ? [] : [[commit.number, fault] as const]
    }))
    const able = batch.filter(({ number }) => !refused.has(number))
    const { written, failed } = able.length === 0 ? { written: [], failed: [] } : writeAll(able)
    const all = [...refused, ...failed]
    const faults = new Map(all)
    for (const commit of batch) {
      const fault = faults.get(commit.number)
      if (fault !== undefined && concernsAll(fault)) after.failed(commit, fault)
    }
    return { written, failed: all }
  }
}
