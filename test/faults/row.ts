/** One line of the table. */
export interface Row {
  readonly part: string
  readonly name: string
  readonly goal: string
  readonly found: string
  readonly good: boolean
}
