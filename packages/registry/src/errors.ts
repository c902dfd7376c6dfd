/** The registry, or what it holds, is not as it must be. The message is for a person and holds no credentials. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly code:
    | "REGISTRY_UNREACHABLE"
    /** What is stored is not what was stored: another hash, half of it, or no artifact at all. Never served. */
    | "ARTIFACT_CORRUPT"
    /** It may not have arrived yet. */
    | "ARTIFACT_MISSING"
    | "RECORD_MALFORMED"
    /** Records and distribution are not of one registry. */
    | "REGISTRY_CONFLICT"
    | "NAME_UNUSABLE"
    | "URL_UNUSABLE";
  constructor(code: RegistryError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
