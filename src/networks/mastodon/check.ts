/** Readiness of an account: its sign-in, and how its instance differs from what Litfass goes by. */
import type { ChannelAccess, Check, Network, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { accountSchema, callInstance, type Instance, instanceSchema, termsSchema } from './api.ts'
import { readSelf } from './connect.ts'
import { definition, neededScopes } from './definition.ts'
import { troubleOf } from './errors.ts'

export const check: Network['check'] = async (context, channel) => {
  try {
    const token = tokenCheck(await readSelf(context, channel.accessToken), channel, context.now())
    const instance = await readPublic(context, '/api/v2/instance', 'none')
    const terms = await readPublic(context, '/api/v1/instance/terms_of_service', 'terms')
    return [token, scopeCheck(channel), limitCheck(instance), termsCheck(terms)]
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const message = 'The Mastodon instance did not answer.'
    return [{ name: 'token', ok: false, message, remedy: 'Try again in a few minutes.' }, scopeCheck(channel)]
  }
}

function readPublic(context: VerbContext, path: string, dataClass: string): Promise<Answer> {
  return callInstance(context, {
    method: 'GET',
    path,
    endpointClass: 'instance.read',
    dataClass,
    purpose: 'connect',
  })
}

function tokenCheck(answer: Answer, channel: ChannelAccess, now: Date): Check {
  const account = accountSchema.safeParse(answer.json)
  if (answer.status !== 200 || !account.success) {
    const trouble = troubleOf(answer, now)
    const message = 'reason' in trouble ? trouble.reason.message : 'The instance gave no readable answer.'
    return { name: 'token', ok: false, message, remedy: 'Connect the account again.' }
  }
  if (account.data.id !== channel.remoteId) {
    const message = 'The sign-in belongs to another account.'
    return { name: 'token', ok: false, message, remedy: 'Connect the right account.' }
  }
  return {
    name: 'token',
    ok: true,
    message: `The instance accepts the sign-in of @${account.data.username}.`,
  }
}

/** `write` includes `write:media`, and so on. */
function scopeCheck(channel: ChannelAccess): Check {
  const missing = neededScopes.filter(
    (scope) => !channel.scopes.includes(scope) && !channel.scopes.includes(scope.split(':')[0] ?? ''),
  )
  if (missing.length === 0)
    return { name: 'scopes', ok: true, message: 'The sign-in allows all that is needed.' }
  const message = `The sign-in does not allow ${missing.join(', ')}.`
  return { name: 'scopes', ok: false, message, remedy: 'Connect the account again and allow it.' }
}

/** Other software leaves its limits out; then the standard ones are gone by, and its refusals are shown. */
function limitCheck(answer: Answer): Check {
  const instance = instanceSchema.safeParse(answer.json)
  if (answer.status !== 200 || !instance.success)
    return {
      name: 'limits',
      ok: true,
      message: 'The instance does not say its limits; the usual ones are used.',
    }
  const tighter = tighterLimits(instance.data)
  if (tighter.length === 0)
    return {
      name: 'limits',
      ok: true,
      message: `The instance takes what Litfass lets through${longer(instance.data)}.`,
    }
  return {
    name: 'limits',
    ok: false,
    message: `The instance takes less than usual: ${tighter.join(', ')}.`,
    remedy: 'Keep posts for this account within that; the composer counts by the usual limits.',
  }
}

function tighterLimits({ configuration }: Instance): string[] {
  const { statuses, media_attachments: media } = configuration ?? {}
  const text = definition.text.value
  const images = definition.images.value
  const perUrl = text.counts.unit === 'graphemes' ? (text.counts.urlLength ?? 0) : 0
  const below = (limit: number | undefined, usual: number) => limit !== undefined && limit < usual
  return [
    ...(below(statuses?.max_characters, text.maxLength) ? [`${statuses?.max_characters} characters`] : []),
    ...((statuses?.characters_reserved_per_url ?? perUrl) > perUrl
      ? [`links count ${statuses?.characters_reserved_per_url} characters`]
      : []),
    ...(below(statuses?.max_media_attachments, images.maxCount)
      ? [`${statuses?.max_media_attachments} images`]
      : []),
    ...(below(media?.image_size_limit, images.maxBytes) ? [`${media?.image_size_limit} bytes an image`] : []),
    ...(below(media?.description_limit, images.maxAltLength ?? 0)
      ? [`${media?.description_limit} characters an alt text`]
      : []),
  ]
}

function longer({ configuration }: Instance): string {
  const allowed = configuration?.statuses?.max_characters ?? 0
  const usual = definition.text.value.maxLength
  return allowed > usual ? `; it would take ${allowed} characters, of which ${usual} are used` : ''
}

/** Instances have their own terms since 4.4. Without any, nothing but publishing and measuring may be assumed allowed. */
function termsCheck(answer: Answer): Check {
  const terms = termsSchema.safeParse(answer.json)
  const date = answer.status === 200 && terms.success ? (terms.data.effective_date ?? null) : null
  return {
    name: 'terms',
    ok: true,
    message:
      date === null
        ? 'The instance publishes no terms of service; what is read there is used for nothing but its figures.'
        : `The terms of service of the instance are in force since ${date}.`,
  }
}
