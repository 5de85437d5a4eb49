/** Fails when a simulator was asked for something that it does not implement. */
export const assertNothingUnknown = (manifest: { unknownStanzas: readonly { what: string; count: number }[] }): void => {
  if (manifest.unknownStanzas.length > 0) throw new Error(`not implemented here: ${JSON.stringify(manifest.unknownStanzas)}`)
}
