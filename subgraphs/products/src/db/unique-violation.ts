import { sqlStateOf } from "@supergraph/postgres";

const UNIQUE_VIOLATION = "23505";

/** Whether a statement failed because a value that must be unique is taken. */
export const isUniqueViolation = (error: unknown): boolean => sqlStateOf(error) === UNIQUE_VIOLATION;
