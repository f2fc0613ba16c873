import type { CodegenConfig } from "@graphql-codegen/cli";

// Types of the operations in crm.graphql, made of the service's schema: `kpigraph schema > schema.graphql` writes it.
const config: CodegenConfig = {
  schema: "../../../schema.graphql",
  documents: "../crm.graphql",
  importExtension: ".js",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        useTypeImports: true,
        onlyOperationTypes: true,
        scalars: { CurrencyCode: "string", Date: "string", DateTime: "string", Decimal: "string" },
        defaultScalarType: "unknown",
      },
    },
  },
};

export default config;
