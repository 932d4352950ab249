/**
 * Text for an address: deflated (RFC 1951), then base64url without padding (RFC 4648, section 5). Both ways are limited, since an
 * address comes from anybody: a short one may stand for gigabytes.
 */
import { InvalidInput } from "ridgepoint";

/** Characters of an address that a config may take: chats and mail programs cut longer ones. */
export const mostPackedCharacters = 8000;
/** Characters that one may stand for. */
const mostUnpackedCharacters = 1_000_000;

/** The packed text, or null where it would be too long for an address. */
export async function packText(text: string): Promise<string | null> {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"), Number.MAX_VALUE);
  const packed = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
  return packed.length <= mostPackedCharacters ? packed : null;
}

/** @throws InvalidInput for what packText did not make */
export async function unpackText(packed: string): Promise<string> {
  const refuse = (wants: string): never => {
    throw new InvalidInput("config", `${packed.length} characters of the address`, wants);
  };
  if (packed.length > mostPackedCharacters) refuse(`at most ${mostPackedCharacters}`);
  if (!/^[\w-]+$/.test(packed)) refuse("letters, digits, - and _");
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const text = await through(bytes, new DecompressionStream("deflate-raw"), mostUnpackedCharacters);
    return new TextDecoder("utf-8", { fatal: true }).decode(text);
  } catch {
    return refuse(`a config.json that this page packed, of at most ${mostUnpackedCharacters} characters`);
  }
}

/** Stops reading at the limit, whatever is still to come. */
async function through(bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream, most: number) {
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(stream as TransformStream<Uint8Array, Uint8Array>)
    .getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError("too long");
    }
    parts.push(next.value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
