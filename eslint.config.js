// The lint rules for TypeScript and JavaScript: typescript-eslint's strict set, with types.

import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Results of these calls need no `await`: the test runner collects the tests itself. */
const TEST_CALLS = {
  from: "package",
  package: "node:test",
  name: ["after", "afterEach", "before", "beforeEach", "describe", "it", "suite", "test"],
};

export default defineConfig(
  // The Workers of the benchmark are plain JavaScript, for a runtime whose types are not installed.
  { ignores: ["bench/workers/", "build/", "target/", ".tools/", ".wrangler/", "test-results/"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // The compiler knows every global, with its type.
      "no-undef": "off",
      // `catch {}` is for what may fail without consequence.
      "no-empty": ["error", { allowEmptyCatch: true }],
      // `return close();` ends a function that returns nothing, and `() => close()` is a callback of that kind.
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // The library deprecates it to make it stand out, according to its documentation.
      "@typescript-eslint/no-deprecated": [
        "error",
        {
          allow: [{ from: "package", package: "openid-client", name: "allowInsecureRequests" }],
        },
      ],
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [TEST_CALLS] },
      ],
      // A name that begins with `_` is there for its position.
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
      // A function that is `async` without `await` fits an interface of promises, and rejects instead of throwing.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["tests/**"],
    rules: {
      // A hook that fails leaves a variable unset whose type has no `undefined`; the closing hook runs all the same.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // Values that a test received go into its messages, whatever they are.
      "@typescript-eslint/no-base-to-string": "off",
    },
  },
  {
    // The harness does not know the product's types: there, the body of an answer is `any`.
    files: ["tests/support/**"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
  {
    // These run where globals are missing that the types promise (on servers), and are called from JavaScript, which
    // passes values of other types.
    files: ["www/client/**", "www/element/**"],
    rules: {
      "@typescript-eslint/no-extraneous-class": ["error", { allowEmpty: true }],
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-unnecessary-type-conversion": "off",
    },
  },
  {
    // The objects of Cloudflare's runtime have no types here, and two programs belong to no TypeScript project.
    files: ["src/**", "tests/support/fixture/**", "tests/package/kit/*.js"],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
