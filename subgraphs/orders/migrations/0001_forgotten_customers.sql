CREATE TABLE "forgotten_customers" (
	"user_id" text PRIMARY KEY NOT NULL,
	"forgotten_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
