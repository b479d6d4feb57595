/** Reads documents within the limits, the same on every transport. */
import {
  type DocumentNode,
  type GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql';
import { StrongroomError } from '../errors.ts';
import { queryLimits } from './limits.ts';
import { catalogued } from './present-error.ts';

/** Reports the node that is one too many, once. */
function counter(measure: string, limit: number, report: (error: GraphQLError) => void): () => void {
  let found = 0;
  return () => {
    found += 1;
    if (found === limit + 1) {
      report(catalogued(new StrongroomError('QUERY_TOO_COSTLY', { measure, found: `more than ${limit}`, limit })));
    }
  };
}

/** At most so many aliases. */
const MaxAliasesRule: ValidationRule = (context) => {
  const count = counter('number of aliases', queryLimits.aliases, (error) => context.reportError(error));
  return { Field: (node) => (node.alias === undefined ? undefined : count()) };
};

/** At most so many directives. */
const MaxDirectivesRule: ValidationRule = (context) => {
  const count = counter('number of directives', queryLimits.directives, (error) => context.reportError(error));
  return { Directive: () => count() };
};

/** At most so many fields at the root, those of fragments counted where they are spread. */
const MaxRootFieldsRule: ValidationRule = (context) => ({
  OperationDefinition(operation) {
    const count = counter('number of root fields', queryLimits.rootFields, (error) => context.reportError(error));
    let visited = 0;
    const walk = (set: typeof operation.selectionSet, within: readonly string[]): void => {
      for (const selection of set.selections) {
        visited += 1;
        if (visited > queryLimits.tokens) return;
        if (selection.kind === Kind.FIELD) count();
        else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, within);
        else {
          const { value } = selection.name;
          const fragment = context.getFragment(value);
          if (fragment && !within.includes(value)) walk(fragment.selectionSet, [...within, value]);
        }
      }
    };
    walk(operation.selectionSet, []);
  },
});

/** The rules on top of those of GraphQL itself. */
export const limitRules: readonly ValidationRule[] = [MaxAliasesRule, MaxDirectivesRule, MaxRootFieldsRule];

/** Parses a document; throws a `GraphQLError` for bad syntax and for one with too many tokens. */
export const parseDocument = (source: string): DocumentNode => parse(source, { maxTokens: queryLimits.tokens });

/** What is wrong with a document; empty when it may be executed. */
export const validateDocument = (
  schema: Parameters<typeof validate>[0],
  document: DocumentNode,
): readonly GraphQLError[] => validate(schema, document, [...specifiedRules, ...limitRules], { maxErrors: 20 });

/** Whether the operation to be run is a subscription. */
export function isSubscription(document: DocumentNode, operationName: string | null | undefined): boolean {
  return document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === OperationTypeNode.SUBSCRIPTION &&
      (!operationName || definition.name?.value === operationName),
  );
}
