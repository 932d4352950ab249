/**
 * The units of quantities, defined once over mathjs's own: B is a byte, b a bit; k M G T P are powers of 1000,
 * Ki Mi Gi Ti Pi powers of 1024; s, h and W as in SI.
 *
 *   FLOP   one floating-point operation            FLOPS = FLOP/s      TFLOPS, PFLOPS … by prefix
 *   OP     one integer operation, counted alike    OPS = OP/s          TOPS by prefix
 *   token  one token                               USD   one US dollar
 *
 * mathjs's unit class is made over plain numbers: with mathjs's own arithmetic, which also knows matrices, fractions and
 * big numbers, the bundle of this file is three times as large (236 kB against 76 kB, minified).
 */
import type { FactoryFunctionMap, Unit, UnitStatic } from "mathjs";
import * as mathjs from "mathjs";

let unitClass: UnitStatic | null = null;

/**
 * The quantity that a text such as "3.35 TB/s" names; nothing but mathjs's unit parser sees the text.
 * @throws whatever mathjs throws for an unknown unit; callers turn it into InvalidInput
 */
export function parseUnit(text: string): Unit {
  unitClass ??= makeUnitClass();
  return unitClass.parse(text);
}

/** A class of this module's own, so that the units it adds change nobody else's. */
function makeUnitClass(): UnitStatic {
  // mathjs exports createUnitClass and leaves it out of its types. Taken apart ({ createUnitClass } = mathjs), the import
  // would bring all of mathjs into the bundle (751 kB).
  const createUnitClass = (mathjs as unknown as { readonly createUnitClass: FactoryFunctionMap[string] })
    .createUnitClass;
  const units = mathjs.create({ unit: { createUnitClass }, arithmetic: plainArithmetic() }).Unit;
  units.createUnitSingle("FLOP", { prefixes: "short" });
  units.createUnitSingle("FLOPS", { definition: "1 FLOP/s", prefixes: "short" });
  units.createUnitSingle("OP", { definition: "1 FLOP", prefixes: "short" });
  units.createUnitSingle("OPS", { definition: "1 FLOP/s", prefixes: "short" });
  units.createUnitSingle("token", {});
  units.createUnitSingle("USD", {});
  return units;
}

/** What mathjs's unit class asks for, over plain numbers; the classes it asks for are of numbers that never occur here. */
function plainArithmetic(): FactoryFunctionMap {
  const parts: Readonly<Record<string, unknown>> = {
    addScalar: (a: number, b: number) => a + b,
    subtractScalar: (a: number, b: number) => a - b,
    multiplyScalar: (a: number, b: number) => a * b,
    divideScalar: (a: number, b: number) => a / b,
    pow: (a: number, b: number) => a ** b,
    abs: Math.abs,
    fix: Math.trunc,
    round: Math.round,
    equal: (a: number, b: number) => a === b,
    isNumeric: (value: unknown) => typeof value === "number",
    format: String,
    number: Number,
    Complex: class {},
    BigNumber: class {},
    Fraction: class {},
  };
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, mathjs.factory(name, [], () => part)]),
  ) as FactoryFunctionMap;
}
