/** `/api/docs`: the OpenAPI document as one page. Rendered here, so that it needs no script and nothing from elsewhere. */
import { type ApiOperation, methods, type OpenApi } from './openapi.ts'
import { type ProblemCode, problemCodes } from './problem-codes.ts'

type Schema = {
  $ref?: string
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  format?: string
  default?: unknown
  contentMediaType?: string
}
type Parameter = { name: string; in: string; required?: boolean; description?: string; schema?: Schema }
type Body = { description?: string; content?: Record<string, { schema?: Schema }> }
type Described = { method: string; path: string; operation: ApiOperation }

export function apiDocs(document: OpenApi): string {
  const described = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method): Described[] => {
      const operation = item?.[method]
      return operation ? [{ method: method.toUpperCase(), path, operation }] : []
    }),
  )
  const tags = (document.tags ?? []).map(({ name }) => name)
  const sections = tags.map((tag) => {
    const operations = described.filter(({ operation }) => operation.tags?.includes(tag))
    return `<section><h2 id="${escape(tag)}">${escape(tag)}</h2>${operations.map(operationOf).join('')}</section>`
  })
  const problem = document.components?.schemas?.['Problem'] as Schema
  return page(
    document.info.title,
    `<header><h1>${escape(document.info.title)} API</h1>
<p>${marked(document.info.description ?? '')}</p>
<p>Paths stand below <code>/api/v1</code>. The whole of this as OpenAPI 3.1: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></header>
<nav aria-label="Contents"><ul><li><a href="#basics">basics</a></li>${tags.map((tag) => `<li><a href="#${escape(tag)}">${escape(tag)}</a></li>`).join('')}<li><a href="#problems">problems</a></li></ul></nav>
<main>${basics}${sections.join('')}
<section><h2 id="problems">problems</h2><p>${escape(problem.description ?? '')} Every operation may answer one, as <code>application/problem+json</code>.</p>${schemaOf(problem)}
<table><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>${problemCodes.map(problemRow).join('')}</tbody></table></section></main>`,
  )
}

/** What holds for every operation. */
const basics = `<section><h2 id="basics">basics</h2><dl>
<dt>Signing in</dt><dd>Send an API key as <code>Authorization: Bearer lf_…</code>; <code>litfass key create</code> makes one. In a browser, the session cookie does. Operations marked as public need neither.</dd>
<dt>Repeating a write</dt><dd>Send an <code>Idempotency-Key</code> of 1 to 200 visible ASCII characters, for example a UUID, with a write. The same request under the same key is done once within 24 hours; its answer is given again with <code>idempotency-replayed: true</code>. Another request under the key is refused, and so is one that comes while the first is being answered.</dd>
<dt>Long lists</dt><dd>A list answers <code>items</code> and <code>next</code>. Send <code>next</code> as <code>cursor</code> to get the page after; <code>null</code> means there is no more. <code>limit</code> says how many a page holds.</dd>
<dt>Limits</dt><dd>Who asks too often is answered <code>rate_limited</code>, with the seconds to wait in <code>Retry-After</code>.</dd>
<dt>Asking about an answer</dt><dd>Every answer has an <code>x-request-id</code>, which the server’s log names too where something went wrong.</dd>
</dl></section>`

function problemRow({ code, status, meaning }: ProblemCode): string {
  return `<tr id="problem-${code}"><td><code>${code.replaceAll('_', '_<wbr>')}</code></td><td>${status}</td><td>${marked(meaning)}</td></tr>`
}

function operationOf({ method, path, operation }: Described): string {
  const parameters = (operation.parameters ?? []) as Parameter[]
  const body = operation.requestBody as Body | undefined
  const answers = Object.entries(operation.responses ?? {}).filter(([status]) => status !== 'default')
  return `<details id="${escape(operation.operationId ?? path)}"><summary><span class="method">${method}</span> <code>${escape(path)}</code> <span>${escape(operation.summary ?? '')}</span></summary>
${operation.security?.length === 0 ? '<p>Public.</p>' : ''}
${parameters.length === 0 ? '' : `<h3>Parameters</h3><ul>${parameters.map(parameterOf).join('')}</ul>`}
${body ? `<h3>Body</h3>${contentOf(body)}` : ''}
${answers.map(([status, answer]) => `<h3>Answer ${escape(status)}</h3>${contentOf(answer as Body)}`).join('')}</details>`
}

function parameterOf({ name, in: place, required, description, schema }: Parameter): string {
  const about = [typeOf(schema ?? {}), `in ${place}`, required ? 'required' : 'optional'].join(', ')
  return `<li><code>${escape(name)}</code> <small>${escape(about)}</small>${description ? ` ${escape(description)}` : ''}</li>`
}

function contentOf({ content = {} }: Body): string {
  return Object.entries(content)
    .map(([type, { schema = {} }]) => `<p><small>${escape(type)}</small></p>${schemaOf(schema)}`)
    .join('')
}

function schemaOf(schema: Schema): string {
  const options = schema.anyOf ?? schema.oneOf
  if (options?.some(isNested)) {
    return `<p>One of:</p><ul>${options.map((option) => `<li>${escape(typeOf(option))}${isNested(option) ? schemaOf(option) : ''}</li>`).join('')}</ul>`
  }
  if (schema.items && isNested(schema.items)) return schemaOf(schema.items)
  if (typeof schema.additionalProperties === 'object' && isNested(schema.additionalProperties))
    return schemaOf(schema.additionalProperties)
  if (!schema.properties) return `<p>${escape(typeOf(schema))}</p>`
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const isRequired = schema.required?.includes(name) ?? false
    const standing = field.default === undefined ? '' : `, default ${JSON.stringify(field.default)}`
    return `<li><code>${escape(name)}</code> <small>${escape(typeOf(field))}${isRequired ? '' : ', optional'}${escape(standing)}</small>${field.description ? ` ${escape(field.description)}` : ''}${isNested(field) ? schemaOf(field) : ''}</li>`
  })
  return `<ul>${fields.join('')}</ul>`
}

function isNested(schema: Schema): boolean {
  const parts = [...(schema.anyOf ?? schema.oneOf ?? []), ...(schema.items ? [schema.items] : [])]
  if (typeof schema.additionalProperties === 'object') parts.push(schema.additionalProperties)
  return schema.properties !== undefined || parts.some(isNested)
}

function typeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if ('const' in schema) return JSON.stringify(schema.const) ?? ''
  const options = schema.anyOf ?? schema.oneOf
  if (options) return [...new Set(options.map(typeOf))].join(' | ')
  if (schema.contentMediaType) return 'file'
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  if (typeof schema.additionalProperties === 'object') return `map of ${typeOf(schema.additionalProperties)}`
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'anything')
  return schema.format ? `${type} (${schema.format})` : type
}

/** Text whose backticks mark code. */
function marked(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} API</title><style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; color: light-dark(#1b1d21, #e8eaed); background: light-dark(#fff, #15171a) }
a { color: light-dark(#0b57a4, #9cc4ff) }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1rem 4rem }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0 }
summary { cursor: pointer; padding: .4rem 0; overflow-wrap: anywhere }
details { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
details[open] { padding-bottom: 1rem }
h3 { font-size: 1rem; margin: 1rem 0 .25rem }
.method { display: inline-block; min-width: 4rem; font-weight: 700 }
ul { padding-left: 1.2rem } dt { font-weight: 700; margin-top: .75rem } dd { margin: 0 }
small { color: light-dark(#51555c, #b6bbc2) }
code, li { overflow-wrap: anywhere } td code { overflow-wrap: normal }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .3rem .5rem .3rem 0; text-align: left; vertical-align: top }
</style></head><body>${body}</body></html>`
}
