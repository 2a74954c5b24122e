/** What the host and the CLI ask of a worker about the Hub: search, a repository's page, downloads. Plain data only. */

/** Which Hub, and as whom; what is absent comes from the environment of the worker (src/foundry/hub/address.ts). */
export interface HubAccess {
    endpoint?: string | undefined;
    /** Sent to the endpoint's origin only. */
    token?: string | undefined;
}

export type WeightFormat = "gguf" | "safetensors";
export type HubSort = "downloads" | "likes" | "modified" | "trending";

export interface HubSearchParams extends HubAccess {
    /** Words of the repository's name; empty = all. */
    text: string;
    format?: WeightFormat | undefined;
    /** As the Hub spells it: `apache-2.0`. */
    license?: string | undefined;
    author?: string | undefined;
    minDownloads?: number | undefined;
    minParameters?: number | undefined;
    maxParameters?: number | undefined;
    sort?: HubSort | undefined;
    /** Most results, 1 to 200. Default 20. */
    limit?: number | undefined;
}

/** A repository as a row of a list. */
export interface HubModel {
    id: string;
    downloads: number;
    likes: number;
    /** ISO 8601; empty when the Hub does not say. */
    modified: string;
    license?: string | undefined;
    /** Terms must be accepted on its page before files can be read. */
    gated: boolean;
    private: boolean;
    formats: WeightFormat[];
    nParameters?: number | undefined;
    /** llama.cpp's name of the architecture, of GGUF repositories. */
    architecture?: string | undefined;
}

export interface HubSearchResult {
    models: HubModel[];
    /** More would match than were asked for. */
    hasMore: boolean;
    endpoint: string;
}

export interface HubPageFile {
    path: string;
    sizeBytes: number;
    /** Of large files only. */
    sha256?: string | undefined;
    /** Absolute path when it is in the Hub cache of this computer. */
    cached?: string | undefined;
}

/** A GGUF model of a repository: one file, or all parts of a split one. */
export interface HubGgufChoice {
    /** Path of the file, or of the first part. */
    file: string;
    /** `Q4_K_M` by the file's name; undefined when it does not say. */
    type?: string | undefined;
    sizeBytes: number;
    files: string[];
}

/** What the KV cache of a model takes. */
export interface CacheShape {
    /** Keys and values of all layers, in F16, for one token. */
    bytesPerToken: number;
    /** Longest context that it was trained on, in tokens; 0 = not known. */
    trainedTokens: number;
}

export interface HubPage extends HubModel {
    endpoint: string;
    /** Address for people. */
    url: string;
    revision: string;
    /** Commit that the revision named when it was asked; files are read from this one. */
    commit: string;
    files: HubPageFile[];
    ggufs: HubGgufChoice[];
    /** Of the GGUF models, when it was asked for and could be read. */
    cache?: CacheShape | undefined;
    /** README.md without its front matter, cut when it is long. */
    card?: string | undefined;
    /** Whether files can be read now: false for a gated repository without access. */
    hasAccess: boolean;
    /** Read from the cache because the Hub could not be reached. */
    offline: boolean;
}

export interface HubPageParams extends HubAccess {
    repo: string;
    revision?: string | undefined;
    /** Ask for the card too. */
    withCard?: boolean | undefined;
    /** Read what a context takes from the first GGUF file's header. */
    withCache?: boolean | undefined;
}

export interface HubFetchParams extends HubAccess {
    repo: string;
    revision?: string | undefined;
    /** Paths; empty = the checkpoint's files, or the only GGUF model. The first part of a split model brings the others. */
    files: string[];
}

export interface HubFetchEvent {
    stage: "list" | "download";
    file?: string | undefined;
    doneBytes: number;
    totalBytes: number;
    bytesPerSecond?: number | undefined;
    secondsLeft?: number | undefined;
}

export interface HubFetchResult {
    repo: string;
    commit: string;
    /** Folder of the commit in the Hub cache. */
    snapshot: string;
    files: { path: string; file: string; sizeBytes: number; isNew: boolean }[];
    /** Transferred by this call. */
    bytes: number;
    seconds: number;
    /** Nothing was asked of the network: everything was there. */
    offline: boolean;
}

export interface HubRequests {
    "hub/search": { params: HubSearchParams; result: HubSearchResult };
    "hub/page": { params: HubPageParams; result: HubPage };
    "hub/fetch": { params: HubFetchParams; result: HubFetchResult; progress: HubFetchEvent };
}
