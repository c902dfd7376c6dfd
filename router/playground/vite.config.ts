import { defineConfig } from "vite";

export default defineConfig({
  // Relative, so that the same build serves from any path.
  base: "./",
  publicDir: false,
  worker: { format: "es" },
  build: {
    target: "es2022",
    reportCompressedSize: false,
    // Monaco is one chunk of several megabytes: it is loaded once, from the same machine.
    chunkSizeWarningLimit: 8_000,
    // An inlined favicon or script would need exceptions in the Content-Security-Policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      onwarn(warning, warn) {
        // "use client" and "use no memo" speak to other tools; every React library carries them.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
});
