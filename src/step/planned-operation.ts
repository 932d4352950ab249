/** An operation in a plan: what it is, how often it runs, and in which format it multiplies. */
import type { OperationDefinition } from "../operations/operation.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";

/** Erases the type of a shape once it stands beside the definition that takes it. */
declare const shapeOfDefinition: unique symbol;
export type AnyShape = { readonly [shapeOfDefinition]: never };

export interface PlannedOperation {
  readonly name: string;
  readonly definition: OperationDefinition<AnyShape>;
  readonly shape: AnyShape;
  /** Instances in one step, over all layers. */
  readonly instances: number;
  /** Counted at the encoder's tokens instead of the decoder's. */
  readonly encoder: boolean;
  readonly computeFormat: ComputeFormat;
}

/** Pairs a definition with a shape of its own type; the only place where the type is erased. */
export function plannedOperation<Shape>(
  name: string,
  definition: OperationDefinition<Shape>,
  shape: Shape,
  computeFormat: ComputeFormat,
  instances = 1,
  encoder = false,
): PlannedOperation {
  return {
    name,
    definition: definition as unknown as OperationDefinition<AnyShape>,
    shape: shape as unknown as AnyShape,
    instances,
    encoder,
    computeFormat,
  };
}

/**
 * Operations of the same name and shape made one, their instances added; where a name stays on several shapes, the name of
 * the layer kind is put before it.
 */
export function mergeOperations(
  operations: readonly { readonly kindName: string; readonly operation: PlannedOperation }[],
): PlannedOperation[] {
  const merged = new Map<string, { kindName: string; operation: PlannedOperation }>();
  for (const { kindName, operation } of operations) {
    const key = `${operation.name}|${operation.encoder}|${operation.computeFormat}|${JSON.stringify(operation.shape)}`;
    const seen = merged.get(key);
    if (seen === undefined) merged.set(key, { kindName, operation });
    else {
      const instances = seen.operation.instances + operation.instances;
      merged.set(key, { kindName: seen.kindName, operation: { ...seen.operation, instances } });
    }
  }
  const uses = new Map<string, number>();
  for (const { operation } of merged.values()) uses.set(operation.name, (uses.get(operation.name) ?? 0) + 1);
  return [...merged.values()].map(({ kindName, operation }) =>
    uses.get(operation.name)! > 1 ? { ...operation, name: `${kindName}: ${operation.name}` } : operation,
  );
}
