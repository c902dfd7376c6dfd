{
  "name": "@supergraph/{{name}}",
  "version": "0.1.0",
  "private": true,
  "description": "Subgraph: {{plural words}} of {{owner plural words}}.",
  "license": "MIT",
  "type": "module",
  "engines": {
    "node": "{{node}}"
  },
  "exports": {
    "./server": {
      "supergraph-source": "./src/server.ts",
      "types": "./dist/server.d.ts",
      "default": "./dist/server.js"
    }
  },
  "files": [
    "dist",
    "migrations",
    "schema.graphql"
  ],
  "scripts": {
    "start": "node dist/main.js",
    "migrate": "node dist/migrate.js",
    "db:generate": "NODE_OPTIONS=--conditions=supergraph-source drizzle-kit generate"
  },
  "dependencies": {
    "@supergraph/contracts": "*",
    "@supergraph/postgres": "*",
    "@supergraph/service": "*",
    "dataloader": "{{dataloader}}",
    "drizzle-orm": "{{drizzle-orm}}",
    "graphql": "{{graphql}}",
    "zod": "{{zod}}"
  },
  "devDependencies": {
    "@supergraph/testing": "*"
  }
}
