/** The failures that mutations answer, as GraphQL types. */
import { builder } from './builder.ts';
import { AccessDenied, Conflict, type Failure, InvalidInput, NotFound, OperationFailed } from './failures.ts';

const errorInterface = builder.interfaceRef<Failure>('Error').implement({
  description: 'An expected failure. Nothing was changed unless the type says otherwise.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description: 'Stable code for programs, for instance `NAME_TAKEN`; docs/errors.md lists every one.',
    }),
    message: t.exposeString('message', { description: 'What went wrong, one sentence for people. Holds no secret.' }),
    help: t.exposeString('help', { description: 'What to do about it, for people.' }),
  }),
});

builder.objectType(InvalidInput, {
  name: 'InvalidInputError',
  description: 'The input is wrong. Correct the field and send it again.',
  interfaces: [errorInterface],
  fields: (t) => ({
    field: t.exposeString('field', {
      description: 'Path of the wrong field below `input`, dots between levels; `input` when it is no single field.',
    }),
  }),
});

builder.objectType(NotFound, {
  name: 'NotFoundError',
  description: 'An object that the input names does not exist (any more).',
  interfaces: [errorInterface],
});

builder.objectType(Conflict, {
  name: 'ConflictError',
  description:
    'The present state does not allow it: a name is taken, a run is not in the state needed, something is in the way.',
  interfaces: [errorInterface],
});

builder.objectType(AccessDenied, {
  name: 'AccessDeniedError',
  description: 'Access is refused: a path outside the allowed roots, a wrong key, a storage that says no.',
  interfaces: [errorInterface],
});

builder.objectType(OperationFailed, {
  name: 'OperationFailedError',
  description: 'It was tried and failed: something is out of reach, full or damaged.',
  interfaces: [errorInterface],
  fields: (t) => ({
    retryable: t.exposeBoolean('retryable', {
      description: 'Whether the same request may succeed later; false when stored data is damaged.',
    }),
  }),
});
