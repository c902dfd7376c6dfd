import { isPrintable } from "@supergraph/contracts";
import { z } from "zod";
import { MAX_EMAIL_LENGTH, normaliseEmail } from "../domain/email.ts";

/** Much more than 254 is no e-mail, however it is normalised. */
const MAX_RAW_LENGTH = MAX_EMAIL_LENGTH * 4;

// International addresses are addresses: only the shape is checked, since whether mail arrives no pattern can tell.
const Email = z
  .string()
  .max(MAX_RAW_LENGTH)
  .transform(normaliseEmail)
  .pipe(
    z.email({ pattern: /^[^\s@"<>(),;:\\]{1,64}@[^\s@."<>(),;:\\]+(\.[^\s@."<>(),;:\\]+)+$/u }).max(MAX_EMAIL_LENGTH),
  )
  .refine((email) => isPrintable(email));

/** The normalised e-mail; undefined for what is none. */
export const readEmail = (raw: string): string | undefined => {
  const result = Email.safeParse(raw);
  return result.success ? result.data : undefined;
};
