/**
 * What is asked about one GGUF model: by the inspector's page of the host, and by the host (or the CLI) of a worker. Every answer is a page
 * or a summary: a header with 200,000 tensors costs as much to show as one with ten. Plain data only.
 */

import type { HubAccess } from "./hub";

/** Where the model is; of a split one its first part. */
export type GgufPlace =
    | { kind: "file"; path: string }
    | ({
          kind: "hub";
          repo: string;
          revision?: string | undefined;
          /** Path in the repository. */
          file: string;
      } & HubAccess);

export interface Placed {
    place: GgufPlace;
}

/** Rows `from` up to `from + count`, of those that the filter lets through. */
export interface PageParams {
    from: number;
    count: number;
    /** Letters that a row must have in it, in any case; empty = all. */
    filter: string;
}

export interface Page<T> {
    /** Rows that the filter lets through. */
    total: number;
    rows: T[];
}

export interface Fact {
    label: string;
    value: string;
    /** One sentence that explains the term. */
    hint?: string | undefined;
}

export interface TypeShare {
    type: string;
    nTensors: number;
    nValues: number;
    bytes: number;
    bitsPerWeight: number;
}

export interface GgufOverview {
    /** `general.name`, else the file's name. */
    title: string;
    /** One line: architecture, parameters, type, size. */
    summary: string;
    /** Path or address, for people. */
    where: string;
    /** Why the engine would refuse it, as a sentence. */
    problem?: string | undefined;
    facts: Fact[];
    /** Largest first. */
    types: TypeShare[];
    /** One, or the parts of a split model. */
    files: { name: string; sizeBytes: number; nTensors: number }[];
    nKeys: number;
    nTensors: number;
    /** 0: it has no vocabulary. */
    nTokens: number;
    /** Names of the chat templates; `default` is the one that is used. */
    templates: string[];
    tokenizer: Fact[];
    /** Bytes that were read of the files for all this. */
    readBytes: number;
}

export interface KeyRow {
    key: string;
    /** `string`, `array[int32]`. */
    type: string;
    /** One line, cut. */
    preview: string;
}

/** A whole value, or a page of a list. */
export interface KeyValue {
    key: string;
    type: string;
    /** Of a list: how many values it has, and which these are. */
    list?: { length: number; from: number; values: string[] } | undefined;
    /** Else the value, cut at some megabytes. */
    text?: string | undefined;
}

export interface TokenRow {
    id: number;
    /** Spaces, line breaks and control characters made visible. */
    text: string;
    /** `normal`, `control`, `byte` ... */
    kind: string;
    score?: number | undefined;
    /** `end of sequence`, when a key of the file names it. */
    role?: string | undefined;
}

export interface TemplateView {
    source: string;
    /** The prompt that it makes of the sample chat. */
    rendered?: string | undefined;
    /** Else why not, as a sentence, and on which line, from 1. */
    problem?: string | undefined;
    line?: number | undefined;
}

export type TensorColumn = "place" | "name" | "type" | "shape" | "bytes" | "bits";

export interface TensorRow {
    name: string;
    type: string;
    /** ne[0] first. */
    shape: number[];
    nValues: number;
    bytes: number;
    bitsPerWeight: number;
    /** Position in its file, and which file of a split model. */
    position: number;
    part: number;
}

/** One block of a tensor, taken apart. */
export interface BlockView {
    tensor: string;
    type: string;
    block: number;
    nBlocks: number;
    nValues: number;
    /** In its file. */
    position: number;
    bytes: number[];
    about: string;
    /** How a value comes out of it; empty for plain numbers. */
    formula: string;
    fields: { name: string; from: number; bytes: number; what: string }[];
    /** `value = scale * quant - min`; empty where a codebook is between. */
    groups: { from: number; scale: number; min: number }[];
    quants: number[];
    /** Undefined where they could not be had. */
    values?: number[] | undefined;
}

export interface WorkDone {
    done: number;
    total: number;
}

/** What the values of a tensor are like; counts are of the sample. */
export interface ValueSummary {
    tensor: string;
    type: string;
    nAll: number;
    nSampled: number;
    nRows: number;
    nNotFinite: number;
    min: number;
    max: number;
    mean: number;
    /** Standard deviation. */
    deviation: number;
    /** 3 for a normal distribution; more: heavier tails. */
    kurtosis: number;
    nZero: number;
    /** Not larger than a hundredth of the standard deviation. */
    nSmall: number;
    /** Further from the mean than six standard deviations. */
    nOutliers: number;
    histogram: { from: number; width: number; bins: number[]; nBelow: number; nAbove: number };
    largest: { value: number; row: number; column: number }[];
    /** Columns with the largest values: root mean square by that of the tensor. */
    columns: { column: number; times: number }[];
}

export interface MethodError {
    name: string;
    kind: "rounding" | "codebook" | "type";
    /** Per value, scales included. */
    bits: number;
    /** Root mean square of what is lost by that of the values; with an importance matrix, squares count by their column's. */
    error: number;
}

export interface MethodsView {
    nSampled: number;
    /** Smallest error first. */
    methods: MethodError[];
    missing: MethodGap[];
    /** Name of the importance matrix. */
    imatrix?: string | undefined;
}

/** For `methods`. */
export interface ChosenImatrix {
    /** Absolute path. */
    path: string;
    name: string;
}

/** A type that was not tried. */
export interface MethodGap {
    name: string;
    bits: number;
    /** As a part of a sentence. */
    why: string;
    /** With an importance matrix it would be. */
    needsImatrix: boolean;
}

/** Memory in bytes. */
export interface NeedsView {
    weights: number;
    /** Compute buffers, the engine's own process. */
    overhead: number;
    /** 0: not known. */
    trainedTokens: number;
    /** False: the file does not say what its KV cache takes. */
    knowsCache: boolean;
    /** As Ingot loads it, for completions and chat of so many tokens each. */
    asLoaded: number;
    asLoadedTokens: number;
    contexts: { tokens: number; cache: number; total: number }[];
    /** Of context, for the table of layers. */
    tokens: number;
    /** `isWhole`: the output layer is on the card too. */
    offload: { layers: number; isWhole: boolean; card: number; main: number }[];
}

export const SCALAR_TYPES = [
    "string",
    "bool",
    "uint32",
    "int32",
    "float32",
    "uint64",
    "int64",
    "float64",
    "uint16",
    "int16",
    "uint8",
    "int8",
] as const;
export type ScalarType = (typeof SCALAR_TYPES)[number];

/** One change of the metadata; `set` adds the key where there is none. */
export type KeyEdit =
    { kind: "set"; key: string; type: ScalarType; value: string } | { kind: "remove"; key: string };

export interface InspectorRequests {
    "inspector/open": { params: Placed; result: GgufOverview };
    "inspector/keys": { params: Placed & PageParams; result: Page<KeyRow> };
    "inspector/value": {
        params: Placed & { key: string; from: number; count: number };
        result: KeyValue;
    };
    "inspector/tokens": { params: Placed & PageParams; result: Page<TokenRow> };
    "inspector/template": {
        params: Placed & { name: string; withSystem: boolean };
        result: TemplateView;
    };
    "inspector/tensors": {
        params: Placed & PageParams & { sort: TensorColumn; descending: boolean };
        result: Page<TensorRow>;
    };
    "inspector/block": { params: Placed & { tensor: string; block: number }; result: BlockView };
    "inspector/values": {
        params: Placed & { tensor: string };
        result: ValueSummary;
        progress: WorkDone;
    };
    "inspector/methods": {
        /** `imatrix`: absolute path; types are made with it, and errors count by it. */
        params: Placed & { tensor: string; imatrix?: string | undefined };
        result: MethodsView;
        progress: WorkDone;
    };
    /** `out`: absolute path; an existing file there is replaced. */
    "inspector/copy": {
        params: Placed & { edits: KeyEdit[]; out: string };
        result: { bytes: number };
        progress: WorkDone;
    };
    "inspector/needs": {
        params: Placed & { contextTokens?: number | undefined };
        result: NeedsView;
    };
}

/** A request as the page says it: the host knows of which model. */
type Unplaced<M> = M extends { params: infer P }
    ? Omit<M, "params"> & { params: Omit<P, "place"> }
    : never;

/** Where a copy goes is between the host and the person. */
type Asked = Exclude<keyof InspectorRequests, "inspector/copy">;

export interface InspectorHostSide {
    requests: {
        [K in Asked as K extends `inspector/${infer N}` ? N : never]: Unplaced<
            InspectorRequests[K]
        >;
    } & {
        copy: { params: { text: string }; result: void };
        /** Asks the person for an importance matrix of the model; undefined when they went back. */
        pickImatrix: { params: Record<never, never>; result: ChosenImatrix | undefined };
        /** Asks where to, and writes a copy with these changes; false when the person went back. */
        saveCopy: { params: { edits: KeyEdit[] }; result: boolean };
    };
    events: { ready: void };
}

export interface InspectorPageSide {
    requests: Record<never, never>;
    events: {
        /** The file changed on the disk: everything is asked anew. */
        changed: void;
    };
}
