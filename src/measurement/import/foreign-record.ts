/** Files whose rows are records with named fields: a CSV's rows, or JSON objects. */
import { type ForeignFile, isTable } from "./foreign-file.ts";

export interface ForeignRecord {
  readonly line: number;
  /** The field's value; undefined where it is missing. */
  field(name: string): unknown;
}

/**
 * The records of a file: rows of a table; a JSON document's objects, or those of the lists in it.
 * In JSON the place of a record is its number.
 */
export function recordsOf(file: ForeignFile): ForeignRecord[] {
  if (isTable(file)) {
    return Array.from({ length: file.rowCount }, (_, row) => ({
      line: file.line(row),
      field: (name) => file.cell(name, row),
    }));
  }
  const objects = file.documents.flatMap((each) => (Array.isArray(each) ? each : [each])).filter(isObject);
  return objects.map((object, index) => ({
    line: index + 1,
    field: (name) => (Object.hasOwn(object, name) ? object[name] : undefined),
  }));
}

/** Whether a file's first record has all these fields. */
export function hasFields(file: ForeignFile, fields: readonly string[]): boolean {
  if (isTable(file)) return fields.every((field) => file.columns.includes(field));
  const first = recordsOf(file)[0];
  return first !== undefined && fields.every((field) => first.field(field) !== undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
