/** What is on a card. */
export interface Card {
  readonly name: string
  /** E.164, with or without the plus sign. */
  readonly phone: string
  readonly organization?: string | undefined
}

/** A value of a card: RFC 2426, section 4 (text-value), on one line. */
const escaped = (text: string): string => text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll(/\r\n|\r|\n/g, String.raw`\n`)

/** A card as phones write one; `waid` tells WhatsApp whose number it is. */
export function toVcard({ name, phone, organization }: Card): string {
  const digits = phone.replace('+', '')
  return ['BEGIN:VCARD', 'VERSION:3.0', `FN:${escaped(name)}`, ...(organization === undefined ? [] : [`ORG:${escaped(organization)};`]), `TEL;type=CELL;type=VOICE;waid=${digits}:+${digits}`, 'END:VCARD'].join('\n')
}
