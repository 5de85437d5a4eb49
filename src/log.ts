/** The part of pino that machinery uses. Fields never hold message text, keys, codes or credentials. */
export interface Log {
  readonly level: string
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
