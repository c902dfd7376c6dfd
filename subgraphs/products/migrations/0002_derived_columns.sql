-- What a product derives from its texts is kept by the database, so that no writer can forget it.
CREATE FUNCTION derive_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_vector :=
    setweight(to_tsvector('catalogue', NEW.title), 'A')
    || setweight(to_tsvector('catalogue', NEW.variant_terms), 'B')
    || setweight(to_tsvector('catalogue', coalesce(NEW.description, '')), 'C');
  NEW.search_text := lower(unaccent(NEW.title || ' ' || NEW.variant_terms));
  RETURN NEW;
END
$$;
--> statement-breakpoint
-- Not for an insert: the variants come after their product and, by the next trigger, always update it.
CREATE TRIGGER products_search BEFORE UPDATE OF title, description, variant_terms ON products
  FOR EACH ROW EXECUTE FUNCTION derive_product_search();
--> statement-breakpoint
-- What a product derives from its variants. Once a statement, not once a row: a catalogue is loaded in bulk.
CREATE FUNCTION derive_from_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE products
    SET min_price = live.min_price, max_price = live.max_price, variant_terms = live.terms
    FROM (
      SELECT product_id, min(price) AS min_price, max(price) AS max_price,
             string_agg(title || ' ' || sku, ' ' ORDER BY position, id) AS terms
        FROM variants
        WHERE removed_at IS NULL AND product_id IN (SELECT product_id FROM changed)
        GROUP BY product_id
    ) AS live
    WHERE products.id = live.product_id
      AND (products.min_price, products.max_price, products.variant_terms)
          IS DISTINCT FROM (live.min_price, live.max_price, live.terms);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER variants_inserted AFTER INSERT ON variants REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION derive_from_variants();
--> statement-breakpoint
CREATE TRIGGER variants_updated AFTER UPDATE ON variants REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION derive_from_variants();
--> statement-breakpoint
CREATE TRIGGER variants_deleted AFTER DELETE ON variants REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION derive_from_variants();
--> statement-breakpoint
-- pg_trgm has to be loaded, or its setting is unknown when the next function names it.
SELECT show_trgm('keyboard');
--> statement-breakpoint
-- Ids of the products that have something like each of these words. The threshold is below pg_trgm's own of 0.6, which
-- misses "keybaord"; only searches that find nothing by their words come here, so that a guess is better than nothing.
CREATE FUNCTION products_resembling(words text[]) RETURNS SETOF text LANGUAGE sql STABLE
  SET pg_trgm.word_similarity_threshold = 0.4 AS $$
  SELECT id FROM products WHERE search_text %> words[1] AND search_text %> ALL (words)
$$;
