/** What the host and the CLI ask of a worker about publishing: what would go where, and doing it. Plain data only. */

import type { Measures } from "./compare";
import type { HubAccess } from "./hub";

/** What was measured of a file, as a comparison of quantizations keeps it. */
export interface MeasuredRow extends Measures {
    /** Name or path of the GGUF file. */
    file: string;
    /** llama.cpp's name of the type. */
    type?: string | undefined;
    /** Of the file that was measured. */
    sizeBytes?: number | undefined;
}

export interface PublishPlanParams extends HubAccess {
    /** Absolute paths of GGUF files; the first part of a split model brings the others. */
    files: string[];
    /** `NAME` of the token's account, or `owner/NAME`. Default: proposed from the model's name. */
    repo?: string | undefined;
    /** Of a repository that is made; one that exists stays as it is. */
    private?: boolean | undefined;
    pullRequest?: boolean | undefined;
    /** As the Hub spells it; for files that do not say theirs. */
    license?: string | undefined;
    licenseName?: string | undefined;
    licenseLink?: string | undefined;
    /** `owner/name` of the model that was quantized; else what the files say. */
    baseModel?: string | undefined;
    /** Absolute path of a comparison (`NAME.comparison.json`), or of another JSON file with `MeasuredRow`s. */
    table?: string | undefined;
}

/** A file as it will be in the repository. */
export interface PublishFile {
    path: string;
    sizeBytes: number;
    type?: string | undefined;
    bitsPerWeight?: number | undefined;
    /** Absolute path of what it is made of. */
    source: string;
    /** The repository has a file of that name, which it replaces if it differs. */
    isThere: boolean;
}

export interface PublishPlan {
    endpoint: string;
    host: string;
    /** Name of the token's account. */
    account: string;
    /** `owner/name`. */
    repo: string;
    /** Address for people. */
    url: string;
    /** The repository is there already. */
    exists: boolean;
    private: boolean;
    pullRequest: boolean;
    files: PublishFile[];
    totalBytes: number;
    /** README.md, proposed. */
    card: string;
    /** The repository has a README.md, which the card replaces. */
    hasCard: boolean;
    license: string;
    /** `owner/name` each of what was quantized, as stated or as the files say; empty when nobody knows. */
    baseModels: string[];
    /** The files leave open which model was quantized, and nobody has said it. */
    isBaseOpen: boolean;
    /** To be read before it goes. */
    notes: string[];
}

export interface PublishParams extends HubAccess {
    /** `owner/name`. */
    repo: string;
    /** What the person has seen: a repository of the other kind is refused. */
    private: boolean;
    pullRequest: boolean;
    /** As in `PublishPlanParams`. */
    files: string[];
    /** README.md as the person wants it; undefined leaves the one that is there. */
    card?: string | undefined;
    /** First line of the commit. */
    message?: string | undefined;
}

export interface PublishEvent {
    stage: "list" | "hash" | "upload" | "commit";
    file?: string | undefined;
    doneBytes: number;
    totalBytes: number;
    bytesPerSecond?: number | undefined;
    secondsLeft?: number | undefined;
}

export interface PublishResult {
    repo: string;
    url: string;
    commit: string;
    /** Address of the pull request that was opened. */
    pullRequestUrl?: string | undefined;
    /** The repository was made for it. */
    isCreated: boolean;
    /** Everything was there already, and no commit was made. */
    isUnchanged: boolean;
    files: { path: string; sizeBytes: number; sha256: string; isNew: boolean }[];
    /** Of files, sent by this call. */
    bytes: number;
    seconds: number;
}

export interface PublishRequests {
    "publish/plan": { params: PublishPlanParams; result: PublishPlan };
    "publish/run": { params: PublishParams; result: PublishResult; progress: PublishEvent };
}
