/**
 * The two pages that stand in for the web app: while it is being built, and when that failed.
 *
 * The first comes with a `refresh` header and so loads itself again.
 */

export type WaitingLanguage = 'en' | 'de'

const texts = {
  en: {
    preparing: 'Litfass is being prepared',
    wait: 'The pages are being built; that takes some seconds after an installation or an update. This page loads itself again.',
    failed: 'The pages of Litfass could not be built',
    remedy:
      'The reason is in the log of the server. Run <code>npm ci</code> and <code>npm run build:web</code> in the folder of Litfass, then load this page again. The API and everything that is scheduled go on meanwhile.',
  },
  de: {
    preparing: 'Litfass wird vorbereitet',
    wait: 'Die Seiten werden gebaut; das dauert nach einer Installation oder Aktualisierung einige Sekunden. Diese Seite lädt sich selbst neu.',
    failed: 'Die Seiten von Litfass ließen sich nicht bauen',
    remedy:
      'Der Grund steht im Protokoll des Servers. Im Ordner von Litfass <code>npm ci</code> und <code>npm run build:web</code> ausführen, dann diese Seite neu laden. Die API und alles Geplante laufen inzwischen weiter.',
  },
} as const

export function preparingPage(language: WaitingLanguage): string {
  const { preparing, wait } = texts[language]
  return document(language, preparing, wait)
}

export function failedPage(language: WaitingLanguage): string {
  const { failed, remedy } = texts[language]
  return document(language, failed, remedy)
}

function document(language: WaitingLanguage, title: string, text: string): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title>
<style>body{font:1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}h1{font-size:1.5rem}code{font-size:.95em}</style>
</head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>`
}
