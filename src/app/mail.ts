/**
 * Mail: one sender, and the few texts there are, in German and English.
 *
 * Mail is never relied on: whatever it carries can also be shown to the person who asked for it. So sending
 * answers whether it worked and never throws, and it always happens outside of transactions.
 */
import { createTransport } from 'nodemailer'

export type Locale = 'en' | 'de'
export type Mail = { to: string; subject: string; text: string }
/** True where the mail server took it. Never throws. */
export type SendMail = (mail: Mail) => Promise<boolean>

/** Milliseconds until a mail server that does not answer is given up. */
const patienceMs = 10_000

export function createMailer(
  settings: { smtpUrl: string; from: string },
  onError: (cause: unknown) => void,
): SendMail {
  const transport = createTransport(
    {
      url: settings.smtpUrl,
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs,
    },
    { from: settings.from },
  )
  return async (mail) => {
    try {
      await transport.sendMail(mail)
      return true
    } catch (cause) {
      onError(cause)
      return false
    }
  }
}

export function invitationMail(
  locale: Locale,
  values: { to: string; inviter: string; workspace: string; url: string; expiresAt: Date; timeZone: string },
): Mail {
  const until = day(locale, values.expiresAt, values.timeZone)
  const workspace = oneLine(values.workspace)
  const inviter = oneLine(values.inviter)
  return locale === 'de'
    ? {
        to: values.to,
        subject: `Einladung zu ${workspace} in Litfass`,
        text: `${inviter} lädt Sie in den Arbeitsbereich „${workspace}“ ein.\n\nEinladung annehmen (gültig bis ${until}):\n${values.url}\n\nWenn Sie damit nichts anfangen können, brauchen Sie nichts zu tun.\n`,
      }
    : {
        to: values.to,
        subject: `Invitation to ${workspace} in Litfass`,
        text: `${inviter} invites you to the workspace “${workspace}”.\n\nAccept the invitation (valid until ${until}):\n${values.url}\n\nIf this means nothing to you, there is nothing you need to do.\n`,
      }
}

export function resetMail(locale: Locale, values: { to: string; url: string }): Mail {
  return locale === 'de'
    ? {
        to: values.to,
        subject: 'Neues Passwort für Litfass',
        text: `Hier können Sie ein neues Passwort setzen (eine Stunde lang, einmal):\n${values.url}\n\nWenn Sie das nicht angefordert haben, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.\n`,
      }
    : {
        to: values.to,
        subject: 'A new password for Litfass',
        text: `Set a new password here (for one hour, once):\n${values.url}\n\nIf you did not ask for this, there is nothing you need to do: your password stays as it is.\n`,
      }
}

function day(locale: Locale, at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone }).format(at)
}

/** Names come from people; a line break in one would start another line of the mail. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
