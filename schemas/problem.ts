import { Type, type Static } from '@sinclair/typebox'

/** RFC 9457 problem details, with a stable `code` and the original system's `error`. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URI reference that names the kind of problem; `/errors#CODE`.' }),
    title: Type.String({ description: 'The kind of problem in a few words.' }),
    status: Type.Integer({ description: 'The HTTP status code.' }),
    detail: Type.String({ description: 'What happened here, in words; names the field or the setting.' }),
    instance: Type.String({ description: 'The path of the request.' }),
    code: Type.String({ description: 'A stable code of the catalogue at `GET /errors`.' }),
    retryable: Type.Boolean({ description: 'True when the same request may succeed later.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: 'A JSON pointer into the request, such as `/body/text`.' }),
          message: Type.String({ description: 'What is wrong with the field.' }),
        }),
        { description: 'Each faulty field.' },
      ),
    ),
    oldestSeq: Type.Optional(Type.Integer({ description: 'With EVENTS_GONE: the seq of the oldest event that is kept.' })),
    after: Type.Optional(Type.String({ description: 'With EVENTS_GONE: the cursor that reads the oldest events that are kept.' })),
    error: Type.String({ description: 'The same words as `detail`, for clients of the original system.' }),
  },
  { $id: 'Problem', description: 'An error, as `application/problem+json` (RFC 9457).' },
)
export type Problem = Static<typeof Problem>

/** One entry of the error catalogue. */
export const ErrorEntry = Type.Object(
  {
    code: Type.String(),
    status: Type.Integer(),
    title: Type.String(),
    retryable: Type.Boolean(),
    meaning: Type.String(),
  },
  { $id: 'ErrorEntry', description: 'An error code and what it means.' },
)
export type ErrorEntry = Static<typeof ErrorEntry>
