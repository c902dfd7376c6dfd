import { type HttpResponse, json } from "@supergraph/service";

/** The one shape of a refusal; callers match on `code`. */
export const errorAnswer = (status: number, code: string, message: string): HttpResponse =>
  json(status, { error: { code, message } });
