import js from "@eslint/js";
import globals from "globals";
import { texts } from "./eslint.texts.js";

// What explorer/ui/browser_modules.py can join.
const IMPORTS =
  "Scripts are joined by explorer/ui/browser_modules.py: named imports and exports only.";

// Listeners of a component end with it: ui/lifetime.js.
const LISTENERS = {
  selector:
    "CallExpression[callee.object.name=/^(document|window)$/]" +
    "[callee.property.name='addEventListener'][arguments.length<3]",
  message: "Name a signal: a listener on the document must not outlive its component.",
};

export default [
  { ignores: [".venv/", "build/", "dist/", "bench-results/", "test-results/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "max-len": [
        "error",
        {
          code: 100,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
        },
      ],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-shadow": "error",
      "no-var": "error",
      "one-var": ["error", "never"],
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["explorer/**/*.js"],
    languageOptions: { globals: globals.browser },
    plugins: { explorer: { rules: { texts } } },
    rules: {
      "explorer/texts": "error",
      "no-restricted-syntax": [
        "error",
        ...[
          "ImportDefaultSpecifier",
          "ImportNamespaceSpecifier",
          "ImportDeclaration[specifiers.length=0]",
          "ExportDefaultDeclaration",
          "ExportAllDeclaration",
          "ExportNamedDeclaration[declaration=null]",
          "ExportNamedDeclaration > VariableDeclaration[kind!='const']",
        ].map((selector) => ({ selector, message: IMPORTS })),
        LISTENERS,
      ],
      "no-restricted-globals": ["error", "addEventListener", "event", "name", "status"],
    },
  },
  {
    files: ["explorer/profile/report/report.js"], // a page that is read offline, not a component
    rules: { "no-restricted-syntax": "off", "explorer/texts": "off" },
  },
  {
    files: ["tests/**/*.js", "*.js"],
    languageOptions: { globals: globals.node },
  },
];
