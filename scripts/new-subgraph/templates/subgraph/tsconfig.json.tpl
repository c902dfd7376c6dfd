{
  "extends": "../../tsconfig.base.json",
  "compilerOptions": {
    "rootDir": "src",
    "outDir": "dist",
    "tsBuildInfoFile": "dist/.tsbuildinfo"
  },
  "include": ["src"],
  "exclude": ["src/**/*.test.ts", "src/**/testing/**"],
  "references": [
    {
      "path": "../../packages/service"
    },
    {
      "path": "../../packages/postgres"
    },
    {
      "path": "../../packages/contracts"
    }
  ]
}
