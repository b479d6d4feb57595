/** Plain answers of the HTTP server. */
import type { ServerResponse } from 'node:http';
import type { StrongroomError } from '../errors.ts';

/** Headers of every answer. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** A policy for answers that are no pages. */
const closedPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** Sets the headers that every answer has; what is set later wins. */
export function secure(response: ServerResponse): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  response.setHeader('content-security-policy', closedPolicy);
}

/** Answers with JSON. */
export function respondJson(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  response.statusCode = status;
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.end(`${JSON.stringify(body)}\n`);
}

/** Answers with an error in the shape of a GraphQL result, so that every client can read it. */
export function respondError(response: ServerResponse, status: number, error: StrongroomError): void {
  const { code, message, help } = error;
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="strongroom"');
  respondJson(
    response,
    status,
    { errors: [{ message, extensions: { code, help } }] },
    'application/graphql-response+json',
  );
}

const statusByCategory = {
  input: 400,
  missing: 404,
  conflict: 409,
  access: 403,
  damage: 502,
  unavailable: 503,
  cancelled: 503,
  internal: 500,
} as const;

/** The HTTP status for a catalogued error. */
export const statusOf = (error: StrongroomError): number =>
  error.code === 'UNAUTHENTICATED' ? 401 : statusByCategory[error.category];
