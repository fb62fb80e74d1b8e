/** The contract as OpenAPI 3.1, with what holds for every operation: how to sign in, headers, problems. */
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { contract } from '#contract/api.ts'
import { errorCodes } from '#domain/errors.ts'
import { publicOperations } from './routes/people.ts'

export type OpenApi = Awaited<ReturnType<OpenAPIGenerator['generate']>>
type PathItem = NonNullable<NonNullable<OpenApi['paths']>[string]>
export type ApiOperation = NonNullable<PathItem['get']>

export const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

const problem = {
  type: 'object' as const,
  description: 'Why a request was not served (RFC 9457).',
  properties: {
    type: { type: 'string' as const, description: 'urn:litfass:problem:<code>' },
    title: { type: 'string' as const, description: 'What is wrong, in English.' },
    status: { type: 'integer' as const },
    code: {
      type: 'string' as const,
      description: 'Never changes its meaning.',
      enum: [...Object.keys(errorCodes), 'internal'],
    },
    remedy: { type: 'string' as const, description: 'What can be done now.' },
    requestId: { type: 'string' as const },
    issues: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        properties: { path: { type: 'string' as const }, message: { type: 'string' as const } },
        required: ['path', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'remedy', 'requestId'],
}

export async function openApi(version: string): Promise<OpenApi> {
  const document = await new OpenAPIGenerator({
    schemaConverters: [new ZodToJsonSchemaConverter()],
  }).generate(contract, {
    info: {
      title: 'Litfass',
      version,
      description:
        'Write once, shape for each channel, schedule, publish and measure. Errors are problem documents with a `code` and a `remedy`.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ apiKey: [] }, { session: [] }],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'Made by `litfass key create`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'litfass.session_token' },
      },
      schemas: { Problem: problem },
      responses: {
        Problem: {
          description: 'It was not done; `code` and `remedy` say why and what to do.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  })
  const tags = new Set<string>()
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of methods) {
      const operation = item?.[method]
      if (!operation) continue
      complete(operation, method, path)
      for (const tag of operation.tags ?? []) tags.add(tag)
    }
  }
  document.tags = [...tags].map((name) => ({ name }))
  return document
}

function complete(operation: ApiOperation, method: string, path: string): void {
  operation.tags = [(operation.operationId ?? 'other').split('.')[0] ?? 'other']
  operation.responses = { ...operation.responses, default: { $ref: '#/components/responses/Problem' } }
  const isPublic = publicOperations.some((one) => one.method === method.toUpperCase() && one.path.test(path))
  if (isPublic) {
    operation.security = []
    return
  }
  operation.parameters = [...(operation.parameters ?? []), workspaceHeader]
  if (method !== 'get') operation.parameters.push(idempotencyHeader)
}

const workspaceHeader = {
  name: 'litfass-workspace',
  in: 'header' as const,
  description: 'Which workspace is meant, for a signed-in person who has several. A key has one.',
  schema: { type: 'string' as const },
}
const idempotencyHeader = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  description:
    'The same key with the same request gives the same answer for 24 hours; with another request it is refused.',
  schema: { type: 'string' as const, maxLength: 200 },
}
