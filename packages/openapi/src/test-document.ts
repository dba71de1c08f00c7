/** A document of a little of everything, as a generator types it and as `describe` reads it. */
export const petsDocument = {
  openapi: "3.1.0",
  info: { title: "Pets", version: "1" },
  servers: [{ url: "https://{region}.pets.test/v1", variables: { region: { default: "eu", enum: ["eu", "us"] } } }],
  security: [{ token: [] }, { key: [], app: [] }],
  components: {
    securitySchemes: {
      token: { type: "http", scheme: "Bearer" },
      key: { type: "apiKey", in: "header", name: "X-Api-Key" },
      app: { type: "apiKey", in: "query", name: "app" },
      user: { type: "http", scheme: "basic" },
      login: { type: "oauth2", flows: {} },
      badge: { type: "mutualTLS" },
    },
    parameters: {
      Key: { name: "Idempotency-Key", in: "header", required: true, schema: { type: "string" } },
      Tags: { name: "tags", in: "query", explode: false, schema: { $ref: "#/components/schemas/Tags" } },
    },
    schemas: {
      Tags: { type: "array", items: { type: "string" } },
      Pet: {
        type: "object",
        required: ["id", "name"],
        properties: {
          id: { type: "string", readOnly: true },
          name: { type: "string", minLength: 1 },
          born: { type: "string", format: "date" },
          parent: { anyOf: [{ $ref: "#/components/schemas/Pet" }, { type: "null" }] },
        },
      },
      Problem: { type: "object", required: ["detail"], properties: { detail: { type: "string" } } },
    },
  },
  paths: {
    "/pets": {
      get: {
        operationId: "listPets",
        parameters: [
          { $ref: "#/components/parameters/Tags" },
          { name: "ids", in: "query", schema: { type: "array", items: { type: "integer" } } },
          { name: "sort", in: "query", style: "pipeDelimited", schema: { type: "array", items: { type: "string" } } },
          {
            name: "expand",
            in: "query",
            style: "deepObject",
            explode: true,
            schema: { anyOf: [{ type: "string" }, { $ref: "#/components/schemas/Tags" }] },
          },
          { name: "born", in: "query", style: "deepObject", schema: { type: "object" } },
        ],
        responses: {
          200: {
            description: "Pets",
            content: { "application/json": { schema: { type: "array", items: { $ref: "#/components/schemas/Pet" } } } },
          },
        },
      },
      post: {
        operationId: "addPet",
        parameters: [{ $ref: "#/components/parameters/Key" }],
        requestBody: {
          required: true,
          content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } } },
        },
        responses: {
          201: {
            description: "Made",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } } },
          },
          "4XX": {
            description: "Wrong",
            content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
          },
        },
      },
    },
    "/pets/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
      get: { operationId: "readPet", security: [], responses: { 200: { description: "One" } } },
      patch: {
        operationId: "changePet",
        requestBody: { content: { "application/merge-patch+json": { schema: { type: "object" } } } },
        responses: { 204: { description: "Changed" } },
      },
      put: {
        operationId: "replacePet",
        parameters: [{ $ref: "#/components/parameters/Key" }],
        security: [{}, { user: [] }],
        requestBody: {
          content: {
            "application/x-www-form-urlencoded": {
              schema: {
                type: "object",
                properties: { tags: { $ref: "#/components/schemas/Tags" }, owner: { type: "object" } },
              },
              encoding: { tags: { style: "deepObject" }, owner: { style: "deepObject" } },
            },
          },
        },
        responses: { 204: { description: "Replaced" } },
      },
    },
    "/pets/{id}/photo": {
      servers: [{ url: "https://files.pets.test/" }],
      post: {
        operationId: "addPhoto",
        requestBody: { content: { "multipart/form-data": { schema: { type: "object" } } } },
        responses: { 204: { description: "Added" } },
      },
      put: {
        operationId: "setPhoto",
        requestBody: { content: { "image/png": {} } },
        responses: { 204: { description: "Set" } },
      },
    },
  },
}
