/** Types of fakeHub.mjs. */

export interface FakeRepo {
    /** Absent: no files, for a renamed repository. */
    folder?: string;
    /** Files are refused without `token`; the file list is not. */
    gated?: boolean;
    /** Looks as if it did not exist without `token`. */
    private?: boolean;
    token?: string;
    /** Besides `main`, `HEAD` and the commit. */
    revisions?: string[];
    /** Renamed: the API redirects to this id. */
    movedTo?: string;
    /** ... at another address. */
    movedOrigin?: string;
    /** Facts of the model's page and of the search. */
    downloads?: number;
    likes?: number;
    modified?: string;
    license?: string;
    nParameters?: number;
}

/** Whose a token is. */
export interface FakeAccount {
    name: string;
    orgs?: string[];
    /** Default: write. */
    role?: string;
    /** Of a fine-grained token. */
    scopes?: { entity: string; permissions: string[] }[];
}

/** A commit or a pull request that was made. */
export interface FakeCommit {
    repo: string;
    message: string;
    paths: string[];
    isPullRequest: boolean;
    commit: string;
}

/** Counters go down with every strike; everything can be changed while the Hub runs. */
export interface Faults {
    /** The next N requests to the Hub get 429 with `Retry-After: retryAfter` (7 s). */
    rateLimits?: number;
    retryAfter?: number | string;
    /** The next N requests to the Hub get 503. */
    serverErrors?: number;
    /** The next N JSON answers break off in their middle. */
    apiDrops?: number;
    /** The list of files always names a next page. */
    endlessPages?: boolean;
    /** Everything is answered with a web page. */
    notAHub?: boolean;
    /** This token is refused with 401. */
    badToken?: string;
    /** A signed address answers so often, then with 403. */
    signedUses?: number;
    /** Ranges are ignored: 200 with the whole file. */
    noRange?: boolean;
    /** The next N bodies of the store break off after `dropAfterBytes` (default: half). */
    drops?: number;
    dropAfterBytes?: number;
    /** The next N bodies of the store never come. */
    stalls?: number;
    /** From the (N + 1)th request to the store on, another ETag. */
    etagChangesAfter?: number;
    /** A signed address holds so long. */
    signedMs?: number;
    /** The next N requests to the store get 429 with `Retry-After: 3`, or 503. */
    storeLimits?: number;
    storeErrors?: number;
    /** The next N bodies of the store have one wrong bit. */
    corruptions?: number;
    /** ... of those that begin at or behind this offset of a file. */
    corruptFrom?: number;
    /** Bodies of the store go out in chunks of this size (64 KiB), with so many milliseconds between them. */
    chunkBytes?: number;
    chunkMs?: number;
    /** All bodies of the store together come no faster. */
    bytesPerSecond?: number;
    /** Bodies of the store wait for it before every chunk. */
    gate?: Promise<unknown>;
    /** Only what lies at or behind this offset of a file waits for `gate`. */
    gateFrom?: number;
    /** After every chunk, with the file bytes that were sent since the start: the place for a kill. */
    onSent?: (sentBytes: number) => void;
    /** Uploads go in parts of this size; absent: whole. */
    partBytes?: number;
    /** The next N uploads of a file or a part get 500 after their last byte. */
    putErrors?: number;
    /** The next N POST requests to the Hub get 500. */
    postErrors?: number;
    /** Addresses of one upload are good for so many files or parts, then for nothing. */
    uploadUses?: number;
    /** The next N files or parts are stored with one wrong bit. */
    damagedParts?: number;
    /** The LFS batch call refuses every object with these words. */
    lfsError?: string;
    /** Commits get this status, with these words. */
    commitStatus?: number;
    commitWords?: string;
    /** The next N commits are made, and the connection breaks before the answer. */
    lostCommits?: number;
    /** After every piece of an upload's body, with all bytes that were taken in since the start; the body waits for it. The place for a kill. */
    onReceived?: (receivedBytes: number) => Promise<unknown> | undefined;
    /** Bodies of uploads wait for it before they are read; it gets the bytes that were taken in so far. */
    uploadGate?: (receivedBytes: number) => Promise<unknown> | undefined;
    /** The Hub says that linked files are larger by so many bytes than listed. */
    linkedSizeGrowth?: number;
}

export interface FakeRequest {
    server: "hub" | "store";
    method: string;
    path: string;
    /** Names in lower case. */
    headers: Record<string, string | undefined>;
    /** 0 until the answer has ended. */
    status: number;
    /** Of the file in the answer's body, or in the body of an upload. */
    bytes: number;
}

export interface FakeHubOptions {
    repos: Record<string, string | FakeRepo>;
    /** By token: who may publish. */
    accounts?: Record<string, FakeAccount>;
    pageSize?: number;
    faults?: Faults;
    /** Hub and store are https then. */
    tls?: { key: string; cert: string };
}

export interface FakeHub {
    url: string;
    storeUrl: string;
    requests: FakeRequest[];
    faults: Faults;
    /** File bytes that the store has handed to the network. */
    readonly sentBytes: number;
    /** Most bodies of the store that were under way at once. */
    readonly mostSending: number;
    /** Bytes of uploads that the store has taken in, also of those that broke off. */
    readonly receivedBytes: number;
    readonly commits: readonly FakeCommit[];
    published(id: string, path: string): Uint8Array | undefined;
    isPrivate(id: string): boolean | undefined;
    commitOf(id: string): string | undefined;
    /** A push: the branch names another commit from now on, with the files as they are on disk. Returns it. */
    push(id: string): string;
    close(): Promise<void>;
}

export function startFakeHub(options: FakeHubOptions): Promise<FakeHub>;
