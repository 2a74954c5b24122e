// What the sets of questions (cases.mjs, heldOut.mjs) are written with.

/** A tool's parameters as a JSON schema. */
export const object = (properties, required = Object.keys(properties)) => ({
    type: "object",
    properties,
    required,
});
export const text = (description) => ({ type: "string", description });

/** Questions with the one tool that answers them. */
export const of = (tool, ...questions) => questions.map((question) => ({ tool, question }));
