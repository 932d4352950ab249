/** The operating system's error codes in words. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EBUSY: "in use",
  EDQUOT: "disk quota exceeded",
  EEXIST: "a file of that name exists",
  EISDIR: "is a directory",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "name too long",
  ENOENT: "no such file",
  ENOSPC: "no space left on device",
  ENOTDIR: "a part of the path is no directory",
  EPIPE: "its reader has closed",
  EPERM: "not permitted",
  EROFS: "the disk is read-only",
};

/**
 * Why a file operation failed, in a few words; the error's own message where its code is not known.
 * @example systemErrorReason({ code: "ENOENT" }) is "no such file"
 */
export function systemErrorReason(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (Object.hasOwn(reasons, code)) return reasons[code] as string;
  return error instanceof Error ? error.message : String(error);
}
