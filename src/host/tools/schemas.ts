/**
 * The inputs of the tools as JSON schemas: a table. package.json contributes the same ones (a test compares), the check of an input
 * reads them, and a grammar can be made of them. Only what small models fill in well: few properties, plain types. Pure.
 */

export interface PropertySchema {
    type: "string" | "integer" | "boolean";
    description: string;
    enum?: readonly string[];
    minimum?: number;
    maximum?: number;
    maxLength?: number;
}

export interface InputSchema {
    type: "object";
    properties: Readonly<Record<string, PropertySchema>>;
    required: readonly string[];
    additionalProperties: false;
}

export const SEARCH_INPUT = {
    type: "object",
    properties: {
        query: {
            type: "string",
            description:
                "The exact text to find, for example a name or a part of a line. No regular expression. Case does not matter.",
            maxLength: 200,
        },
        path: {
            type: "string",
            description:
                "Only files below this folder or in this file, relative to the workspace, for example src/cart. Leave out to search everything.",
            maxLength: 500,
        },
        maxResults: {
            type: "integer",
            description: "Most lines to return. Default 30.",
            minimum: 1,
            maximum: 100,
        },
    },
    required: ["query"],
    additionalProperties: false,
} as const satisfies InputSchema;

export const CODEBASE_INPUT = {
    type: "object",
    properties: {
        question: {
            type: "string",
            description:
                "What the code does that you look for, in plain words, with names if you know any, for example: where are prices rounded",
            maxLength: 500,
        },
        maxResults: {
            type: "integer",
            description: "Most places to return. Default 6.",
            minimum: 1,
            maximum: 20,
        },
    },
    required: ["question"],
    additionalProperties: false,
} as const satisfies InputSchema;

export const READ_INPUT = {
    type: "object",
    properties: {
        path: {
            type: "string",
            description:
                "Path of the file, relative to the workspace, for example src/cart/basket.ts.",
            maxLength: 500,
        },
        startLine: {
            type: "integer",
            description: "First line to read, counted from 1. Default 1.",
            minimum: 1,
            maximum: 10_000_000,
        },
        endLine: {
            type: "integer",
            description: "Last line to read. Default: as many as fit.",
            minimum: 1,
            maximum: 10_000_000,
        },
    },
    required: ["path"],
    additionalProperties: false,
} as const satisfies InputSchema;

export const PROBLEMS_INPUT = {
    type: "object",
    properties: {
        path: {
            type: "string",
            description:
                "Only problems of this file or folder, relative to the workspace. Leave out for all.",
            maxLength: 500,
        },
        severity: {
            type: "string",
            description: "The least serious kind to return. Default warning.",
            enum: ["error", "warning", "information"],
        },
    },
    required: [],
    additionalProperties: false,
} as const satisfies InputSchema;

export const TESTS_INPUT = {
    type: "object",
    properties: {
        task: {
            type: "string",
            description:
                "Name of the test task, when the workspace has several. Leave out for the default one.",
            maxLength: 200,
        },
    },
    required: [],
    additionalProperties: false,
} as const satisfies InputSchema;
