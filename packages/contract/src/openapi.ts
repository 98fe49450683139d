/**
 * The OpenAPI 3.1 document, made from the route table. Its schemas are JSON Schema 2020-12 as zod writes them;
 * named ones become components. A schema that reads differently as input and output (defaults) would need two names,
 * so requests and answers do not share named schemas that have defaults.
 */
import { z } from 'zod';
import { EVENTS_PATH } from './event-stream.ts';
import { EVENTS_DESCRIPTION, eventsQuery, liveEvent } from './events.ts';
import { exampleAnswer, exampleRequests } from './examples.ts';
import { PROBLEMS, type ProblemId, problem, problemOf } from './problem.ts';
import { refusalsOf } from './refusals.ts';
import { BASE_PATH, PROBLEM_TYPE, type Route, SESSION_COOKIE, type Tag } from './route.ts';
import { routes } from './routes.ts';
import { hasETag, isChange, versionedBy } from './versions.ts';
import { WEBHOOK_DESCRIPTION, WEBHOOK_MESSAGES, WEBHOOK_SUMMARIES } from './webhooks.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const TAGS: Record<Tag, string> = {
  Organizations: 'The tenants of the installation.',
  Extensions: 'Who can be called. Stored in the draft; live after apply.',
  Devices: 'Phones. Each has its own SIP username and password.',
  Numbers: 'Numbers of the public network (DIDs) and where they lead.',
  Trunks: 'Connections to carriers.',
  'Draft and revisions': 'What waits to be applied, what was applied, and the way back.',
  Calls: 'Past calls with their explanation, and calls in progress.',
  Files: 'Sounds: call recordings, greetings, prompts and music.',
  Voicemail: 'Boxes of extensions and the messages in them. Phones reach them by `*97` and `*98`.',
  Spending: 'What calls to the outside may use, what they use, and what carriers ask for them.',
  Suspension: 'Shutting out a phone, an extension or an organization, at once.',
  Login: 'Persons: sessions, passwords, codes at login.',
  Users: 'Who may log in, to which organization, as what.',
  Webhooks: 'Programs of your own that are told what happens.',
  Events: 'What happens, as it happens.',
  'API keys': 'Who may use this API, and for what.',
  'Audit log': 'Who changed what, and when.',
  Alerts: 'What is wrong with the installation, and who is told.',
  Mail: 'How the installation sends e-mail, and what waits to go out.',
  System: 'Health of the installation.',
  Protection: 'Who is banned, who never is, and what bans at a touch.',
};

/** The document, for a server of this version. */
export function openApiDocument(version: string): JsonObject {
  const components: JsonObject = {};
  const paths: { [path: string]: JsonObject } = {};
  const problemSchema = schemaOf(problem, 'output', components);

  for (const [operationId, route] of Object.entries<Route>(routes)) {
    paths[route.path] ??= {};
    (paths[route.path] as JsonObject)[route.method.toLowerCase()] = operation(
      operationId,
      route,
      components,
      problemSchema,
    );
  }

  paths[EVENTS_PATH] = { get: eventStream(components, problemSchema) };

  return {
    openapi: '3.1.0',
    info: {
      title: 'LittlePBX',
      version,
      summary: 'A hosted phone system that many independent organizations share.',
      description:
        'Send your API key as `Authorization: Bearer lpbx_…`; pages use the cookie of a login instead, and prove by `Origin` or `Sec-Fetch-Site` that it was they who asked. Times are milliseconds since the epoch (`…At`), durations milliseconds; `…InS` are seconds. Refusals are `application/problem+json` with a stable `id`. What is not yours looks exactly like what is not there. Against lost updates there are two ways: `expected` in the body of a change compares the fields that you name and says what stands there now (409, `stale`); `If-Match` compares the whole with the `ETag` of what you read (412, `precondition-failed`). PUT, PATCH and DELETE look at it; where there is no ETag, none matches.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: BASE_PATH, description: 'This server' }],
    security: [{ key: [] }, { session: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: webhooks(components),
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'API key, `lpbx_…`. Its scopes say what it may do.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: SESSION_COOKIE,
          description: 'Session of a person who logged in.',
        },
      },
      schemas: components,
    },
  };
}

function operation(id: string, route: Route, components: JsonObject, problemSchema: JsonObject): JsonObject {
  const isOpen = route.scope === 'open';
  const needs =
    route.scope === 'open'
      ? ''
      : route.scope === 'self'
        ? `\n\n${route.isPersonOnly ? 'For persons: needs a session.' : 'Any valid key or session will do.'}`
        : `\n\nNeeds the scope \`${route.scope}\`${route.isOperatorOnly ? ', and to be the operator' : ''}.`;
  const parameters = [
    ...parametersIn('path', route.params, components),
    ...parametersIn('query', route.query, components),
    ...(route.isRepeatable ? [IDEMPOTENCY_KEY] : []),
    ...(isChange(route) && versionedBy(route) ? [IF_MATCH] : []),
  ];
  return {
    operationId: id,
    summary: route.summary,
    description: route.description + needs,
    tags: [...route.tags],
    ...(isOpen ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.isUpload
      ? {
          requestBody: {
            required: true,
            content: {
              [route.isUpload === 'image' ? 'image/*' : 'audio/*']: { schema: { type: 'string', format: 'binary' } },
            },
          },
        }
      : {}),
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: schemaOf(route.body, 'input', components),
                example: exampleRequests(route)[0].body as Json,
              },
            },
          },
        }
      : {}),
    responses: responsesOf(id, route, components, problemSchema),
  };
}

const IDEMPOTENCY_KEY: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Chosen by you, new for each thing that you ask for (a UUID will do). Whoever sends the same request with the same key again within 24 hours, after a lost answer, gets the answer of the first; it is done once. Another request with the same key is refused.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  example: '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10',
};

const IF_MATCH: JsonObject = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description:
    '`ETag` of what you saw, or several with commas between. When it is another by now, nothing is done and `precondition-failed` (412) says so: read it again. `*` is met by whatever is there.',
  schema: { type: 'string', maxLength: 1000 },
  example: '"J9hZ0h3Jb3q4mPzr8eXcVw"',
};

/** No operation as the others: it answers with a WebSocket, whose messages are a schema of their own. */
function eventStream(components: JsonObject, problemSchema: JsonObject): JsonObject {
  schemaOf(liveEvent, 'output', components);
  return {
    operationId: 'events',
    summary: 'Listen to live events',
    description: EVENTS_DESCRIPTION,
    tags: ['Events'],
    parameters: parametersIn('query', eventsQuery, components),
    responses: {
      '101': { description: 'The WebSocket. Each of its messages is a `LiveEvent`, which stands among the schemas.' },
      '426': {
        description: `${PROBLEMS['upgrade-required'].title} (\`upgrade-required\`).`,
        content: { [PROBLEM_TYPE]: { schema: problemSchema } },
      },
    },
  };
}

/** What organizations are sent, see `webhooks.ts`. */
function webhooks(components: JsonObject): JsonObject {
  const header = (name: string, description: string): JsonObject => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string' },
  });
  const parameters = [
    header('webhook-id', 'The same however often the message is sent.'),
    header('webhook-timestamp', 'When it was sent: seconds since the epoch. Refuse what is older than five minutes.'),
    header('webhook-signature', 'One or two, with a space between: `v1,` and HMAC-SHA256 in base64.'),
  ];
  return Object.fromEntries(
    Object.entries(WEBHOOK_MESSAGES).map(([type, schema]) => [
      type,
      {
        post: {
          operationId: `message-${type}`,
          summary: WEBHOOK_SUMMARIES[type as keyof typeof WEBHOOK_MESSAGES],
          description: WEBHOOK_DESCRIPTION,
          tags: ['Webhooks'],
          parameters,
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(schema, 'output', components) } },
          },
          responses: { '2XX': { description: 'Taken.' } },
        },
      },
    ]),
  );
}

function parametersIn(place: 'path' | 'query', schema: z.ZodObject | undefined, components: JsonObject): Json[] {
  if (!schema) return [];
  return Object.entries(schema.shape).map(([name, part]) => {
    const { description, examples, ...json } = schemaOf(part as z.ZodType, 'input', components);
    const isRequired = place === 'path' || !isOmittable(part as z.ZodType);
    return {
      name,
      in: place,
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      schema: json,
      ...(Array.isArray(examples) && examples[0] !== undefined ? { example: examples[0] } : {}),
    };
  });
}

function isOmittable(schema: z.ZodType): boolean {
  return z.object({ part: schema }).safeParse({}).success;
}

function responsesOf(id: string, route: Route, components: JsonObject, problemSchema: JsonObject): JsonObject {
  const { responses } = route;
  const answers: JsonObject = {};
  const success: JsonObject = { description: responses.description };
  if (responses.body) {
    const example = exampleAnswer(id) as Json | undefined;
    success.content = {
      'application/json': {
        schema: schemaOf(responses.body, 'output', components),
        ...(example === undefined ? {} : { example }),
      },
    };
  }
  if (hasETag(route)) {
    const { unversioned } = versionedBy(route)!.responses;
    const but = unversioned ? ` Of all but ${(unversioned as string[]).map((name) => `\`${name}\``).join(', ')}.` : '';
    const description = `Changes with what is stored; for \`If-Match\`.${but}`;
    success.headers = { ETag: { description, schema: { type: 'string' } } };
  }
  if (responses.media) {
    success.content = { [responses.media]: { schema: { type: 'string', format: 'binary' } } };
  }
  if (responses.media && responses.media !== 'image/*') {
    success.headers = { 'Accept-Ranges': { description: 'Always `bytes`.', schema: { type: 'string' } } };
    answers['206'] = { ...success, description: 'The bytes that `Range` asked for.' };
  }
  if (route.isSecret) {
    success.headers = { 'Cache-Control': { description: 'Always `no-store`.', schema: { type: 'string' } } };
  }
  answers[String(responses.status)] = success;
  if (responses.alsoStatus) answers[String(responses.alsoStatus)] = { ...success };

  for (const [status, ids] of problemsByStatus(route)) {
    answers[String(status)] = {
      description: ids.map((id) => `${PROBLEMS[id].title} (\`${id}\`).`).join(' '),
      content: {
        [PROBLEM_TYPE]: {
          schema: problemSchema,
          examples: Object.fromEntries(ids.map((id) => [id, { value: exampleOf(id) }])),
        },
      },
    };
  }
  return answers;
}

function problemsByStatus(route: Route): Map<number, ProblemId[]> {
  const byStatus = new Map<number, ProblemId[]>();
  for (const id of refusalsOf(route)) {
    const { status } = PROBLEMS[id];
    byStatus.set(status, [...(byStatus.get(status) ?? []), id]);
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b));
}

function exampleOf(id: ProblemId): Json {
  const fields = id === 'invalid' ? [{ field: 'number', reason: 'must be 2 to 8 digits' }] : [];
  const detail = id === 'invalid' ? 'number: must be 2 to 8 digits' : `${PROBLEMS[id].title}.`;
  return problemOf(id, detail, '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10', fields) as unknown as Json;
}

/** JSON Schema of a zod schema; named parts go to `components` and are referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: JsonObject): JsonObject {
  const { $schema: _, $defs, ...json } = z.toJSONSchema(schema, { io }) as JsonObject;
  for (const [name, definition] of Object.entries(($defs ?? {}) as JsonObject)) {
    components[name] = pointToComponents(withoutId(definition as JsonObject));
  }
  const name = json.id;
  if (typeof name !== 'string') return pointToComponents(json) as JsonObject;
  components[name] = pointToComponents(withoutId(json));
  return { $ref: `#/components/schemas/${name}` };
}

function withoutId({ id: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

function pointToComponents(json: Json): Json {
  if (Array.isArray(json)) return json.map(pointToComponents);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : pointToComponents(value),
    ]),
  );
}
