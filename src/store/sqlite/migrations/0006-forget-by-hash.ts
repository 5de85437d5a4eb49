/** What was decrypted is forgotten one ciphertext at a time, since a message that was sent twice has several: nobody asks by the message any more. */
export const forgetByHash = `
DROP INDEX journal_by_message;
`
