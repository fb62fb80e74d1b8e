/** What people see of the simulators: one style for all pages, and the page that asks for consent. */
import { escapeHtml, type SandboxRequest, type SandboxResponse } from './sandbox-kit.ts'

export type Language = 'en' | 'de'

/** `?lang=` first, then the browser's wish, then English. */
export function languageOf(request: Pick<SandboxRequest, 'query' | 'headers'>): Language {
  const asked = request.query.get('lang') ?? request.headers['accept-language'] ?? ''
  const first = /\b(de|en)\b/i.exec(asked)?.[1]?.toLowerCase()
  return first === 'de' ? 'de' : 'en'
}

export type PageOptions = {
  language: Language
  title: string
  /** Finished HTML. */
  main: string
  status?: number
  /** Origins a form may lead to besides this one. */
  formTargets?: readonly string[]
}

const style = `
:root{color-scheme:light dark;--ink:#16181d;--soft:#555b66;--paper:#f4f2ee;--card:#fff;--line:#d9d5cc;--mark:#8a4b00;--mark-paper:#fff2d6;--act:#1f4fd8;--on-act:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#a9b0bc;--paper:#14161a;--card:#1e2127;--line:#363b45;--mark:#ffd58a;--mark-paper:#3a2a08;--act:#8fb0ff;--on-act:#0c1530}
.card{--edge:color-mix(in srgb,var(--brand,var(--line)) 60%,#fff)}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:38rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}h2{font-size:1.05rem;line-height:1.3;margin:0}
p,ul{margin:0 0 .75rem}a{color:var(--act)}code{font-size:.875em}
:focus-visible{outline:3px solid var(--act);outline-offset:2px;border-radius:.25rem}
.mark{display:inline-block;margin:0 0 1rem;padding:.15rem .6rem;border-radius:1rem;background:var(--mark-paper);color:var(--mark);font-size:.875rem;font-weight:600}
.card{background:var(--card);border:1px solid var(--line);border-top:4px solid var(--edge,var(--brand,var(--line)));border-radius:.75rem;padding:1rem;margin:0 0 1rem}
.card header{display:flex;gap:.75rem;align-items:center;margin-bottom:.75rem}
.face{flex:none;display:grid;place-items:center;width:2.75rem;height:2.75rem;border-radius:50%;border:3px solid var(--edge,var(--brand,var(--line)));font-weight:700}
.soft{color:var(--soft);font-size:.875rem;margin:0}
.text{white-space:pre-wrap}
.pictures{display:grid;gap:.25rem;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));margin:0 0 .75rem}
.pictures img{width:100%;max-height:28rem;object-fit:cover;border-radius:.5rem;display:block}
.pictures p{border:1px dashed var(--line);border-radius:.5rem;padding:1rem;margin:0}
.figures{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:0 0 .75rem}.figures div{display:flex;gap:.35rem}.figures dt{color:var(--soft)}.figures dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.comments{list-style:none;margin:0 0 .75rem;padding:0 0 0 1rem;border-inline-start:3px solid var(--line)}.comments li+li{margin-top:.75rem}.comments p{margin-bottom:.25rem}
.foot{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:baseline}.foot details{flex:1 1 12rem}summary{cursor:pointer}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0 0 1rem}nav a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
fieldset{border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem 1rem;margin:0 0 1rem}legend{font-weight:600;padding:0 .35rem}
label{display:flex;gap:.6rem;align-items:flex-start;padding:.3rem 0}label input{margin:.3rem 0 0;inline-size:1.1rem;block-size:1.1rem;flex:none}
.sub{margin-left:1.7rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem}
button{font:inherit;font-weight:600;padding:.6rem 1.4rem;border-radius:.5rem;border:1px solid var(--act);background:var(--card);color:var(--act);cursor:pointer}
button.first{background:var(--act);color:var(--on-act)}
.off{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`

/** A whole page that needs no script and loads nothing but its own pictures. */
export function htmlPage(options: PageOptions): SandboxResponse {
  const targets = ["'self'", ...(options.formTargets ?? [])].join(' ')
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`
  const body = `<!doctype html>
<html lang="${options.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(options.title)}</title><style>${style}</style></head><body><main>${options.main}</main></body></html>`
  return {
    status: options.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body,
  }
}

const words = {
  en: {
    title: (network: string) => `Sign in with ${network} (simulated)`,
    heading: (network: string) => `Litfass wants to use your ${network} account`,
    mark: 'Simulated: nothing leaves this server',
    account: 'Continue as',
    pages: 'Pages',
    scopes: 'What Litfass asks for',
    allow: 'Allow',
    deny: 'Cancel',
  },
  de: {
    title: (network: string) => `Mit ${network} anmelden (simuliert)`,
    heading: (network: string) => `Litfass möchte dein ${network}-Konto verwenden`,
    mark: 'Simuliert: Nichts verlässt diesen Server',
    account: 'Fortfahren als',
    pages: 'Seiten',
    scopes: 'Worum Litfass bittet',
    allow: 'Erlauben',
    deny: 'Abbrechen',
  },
} as const

export type ConsentAccount = {
  id: string
  name: string
  detail?: string
  /** Pages a person may tick off one by one; left out where the network asks for all or nothing. */
  pages?: ReadonlyArray<{ id: string; name: string }>
}

/** A consent page: who asks, for what, for which account, and two buttons. The first account is preset. */
export function consentPage(
  request: SandboxRequest,
  options: {
    network: string
    scopes: readonly string[]
    accounts: readonly ConsentAccount[]
    /** Path below the simulator's mount. */
    action: string
    hidden: Record<string, string>
    redirectUri: string
  },
): SandboxResponse {
  const language = languageOf(request)
  const say = words[language]
  const hidden = Object.entries(options.hidden)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('')
  const accounts = options.accounts.map((account, index) => accountChoice(account, index === 0, say.pages))
  const scopes = options.scopes.map((name) => `<li><code>${escapeHtml(name)}</code></li>`).join('')
  // A path, so that it stays on the address the browser came by, also behind a proxy with TLS.
  const action = `${new URL(request.baseUrl).pathname.replace(/\/$/, '')}${options.action}`
  return htmlPage({
    language,
    title: say.title(options.network),
    formTargets: /^https?:/.test(options.redirectUri) ? [new URL(options.redirectUri).origin] : [],
    main: `<p class="mark">${say.mark}</p><h1>${escapeHtml(say.heading(options.network))}</h1>
<form method="get" action="${escapeHtml(action)}">${hidden}
<fieldset><legend>${say.account}</legend>${accounts.join('')}</fieldset>
<h2>${say.scopes}</h2><ul>${scopes}</ul>
<div class="buttons"><button class="first" name="decision" value="allow">${say.allow}</button><button name="decision" value="deny">${say.deny}</button></div></form>`,
  })
}

/** The value stands before the name: a reader of plain `name="…" value="…"` pairs then sees no choice at all and gets the preset one. */
function accountChoice(account: ConsentAccount, isPreset: boolean, legend: string): string {
  const detail =
    account.detail === undefined ? '' : `<br><span class="soft">${escapeHtml(account.detail)}</span>`
  const radio = `<label><input type="radio" value="${escapeHtml(account.id)}" name="account"${isPreset ? ' checked' : ''}><span>${escapeHtml(account.name)}${detail}</span></label>`
  if (!account.pages || account.pages.length === 0) return radio
  const boxes = account.pages
    .map(
      (page) =>
        `<label><input type="checkbox" value="${escapeHtml(page.id)}" name="page" checked><span>${escapeHtml(page.name)}</span></label>`,
    )
    .join('')
  return `${radio}<fieldset class="sub"><legend>${escapeHtml(legend)}<span class="off"> (${escapeHtml(account.name)})</span></legend>${boxes}</fieldset>`
}
