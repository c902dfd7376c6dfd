-- Both are trusted extensions: the owner of the database may create them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS unaccent;
--> statement-breakpoint
-- English words by their stem, and every word without its accents: "Müller" is found by "muller".
CREATE TEXT SEARCH CONFIGURATION catalogue (COPY = english);
--> statement-breakpoint
ALTER TEXT SEARCH CONFIGURATION catalogue ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
