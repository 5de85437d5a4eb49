/** Numbers that are one to their owners and two to WhatsApp: an account may be under either, by when it was made. */
const RULES: readonly (readonly [pattern: RegExp, other: string])[] = [
  // Brazil: mobile numbers got a ninth digit.
  [/^55(\d{2})9(\d{8})$/, '55$1$2'],
  [/^55(\d{2})([6-9]\d{7})$/, '55$19$2'],
  // Mexico: a 1 behind the country code, until 2020.
  [/^521(\d{10})$/, '52$1'],
  [/^52(\d{10})$/, '521$1'],
  // Argentina: a 9 behind the country code of mobile numbers.
  [/^549(\d{10})$/, '54$1'],
  [/^54(\d{10})$/, '549$1'],
]

/** The number itself, then the other form that it may be known under; digits with the country code. */
export function variantsOf(digits: string): readonly string[] {
  const rule = RULES.find(([pattern]) => pattern.test(digits))
  return rule === undefined ? [digits] : [digits, digits.replace(rule[0], rule[1])]
}
