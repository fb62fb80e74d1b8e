/** Models: writing help, and whether data read from networks may go to one. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, isText, notText, problem, written } from './common.ts'
import { dataRule } from './data.ts'

const network = z.string().min(1).max(40)

export const aiNetwork = z.object({
  network: z.string(),
  name: z.string(),
  isAllowed: z.boolean(),
  /** False where the terms do not leave it to the workspace. */
  canBeAllowed: z.boolean(),
  /** Why it is as it is. */
  reason: problem,
  /** The network's rules about models. */
  rules: z.array(dataRule),
  /** Day on which the terms were read. */
  readOn: z.string(),
})

export const ai = z.object({
  isOn: z.boolean(),
  /** On, and with a server and a model. */
  isReady: z.boolean(),
  /** Base address of an OpenAI-compatible API; null for the operator's server. */
  endpoint: z.string().nullable(),
  hasOperatorServer: z.boolean(),
  model: z.string(),
  /** Whether a key is kept. It is never shown again. */
  hasKey: z.boolean(),
  networks: z.array(aiNetwork),
  /** Requests to the model on the last thirty UTC days, by day, the newest first. */
  uses: z.array(z.object({ day: z.iso.date(), requests: z.number().int(), failed: z.number().int() })),
})

export const suggestions = z.object({
  suggestions: z.array(z.string()),
  /** What the channel with the least room takes, in its own counting; null without a channel. */
  maxLength: z.number().int().nullable(),
  lengths: z.array(z.number().int()),
})

const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => isText(value) && !/\p{Cc}/u.test(value), notText)

export const aiRoutes = {
  show: oc
    .route({
      method: 'GET',
      path: '/ai',
      summary: 'Writing help, what may go to a model, and how much did',
    })
    .output(ai),
  help: oc
    .route({ method: 'GET', path: '/ai/help', summary: 'Whether writing help is offered' })
    .output(z.object({ isOffered: z.boolean() })),
  save: oc
    .route({ method: 'PUT', path: '/ai', summary: 'Set up writing help, or switch it on or off' })
    .input(
      z.object({
        isOn: z.boolean().optional(),
        /** Base address, such as `https://api.example.com/v1`; null for the operator's server. */
        endpoint: line(500).nullable().optional(),
        model: line(200).optional(),
        /** Null forgets it. Another server forgets it as well. */
        apiKey: z
          .string()
          .min(1)
          .max(500)
          .regex(/^[\x21-\x7e]+$/, 'is no key: it has spaces or odd characters')
          .nullable()
          .optional(),
      }),
    )
    .output(ai),
  allow: oc
    .route({
      method: 'PUT',
      path: '/ai/networks/{network}',
      summary: 'Whether data read from a network may go to a model; refused where its terms forbid it',
    })
    .input(z.object({ network, isAllowed: z.boolean() }))
    .output(aiNetwork),
  suggest: oc
    .route({
      method: 'POST',
      path: '/ai/suggestions',
      summary: 'Suggestions for a text that was written here; nothing is saved',
    })
    .input(
      z.object({
        action: z.enum(['shorten', 'rephrase', 'correct', 'translate', 'alternatives', 'alt-text']),
        text: written(10_000).min(1),
        /** Of a translation. */
        language: z.enum(['en', 'de']).optional(),
        /** Whose limits `shorten` keeps to; a text that fits already becomes about a third shorter. */
        channelIds: z.array(id).max(100).default([]),
      }),
    )
    .output(suggestions),
}
