/** The one spelling under which an e-mail is stored, looked up and compared. Says nothing of whether it is valid. */
export const normaliseEmail = (raw: string): string => raw.trim().normalize("NFC").toLowerCase().normalize("NFC");

export const MAX_EMAIL_LENGTH = 254;
