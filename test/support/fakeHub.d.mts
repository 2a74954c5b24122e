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
    /** Of the file in the answer's body. */
    bytes: number;
}

export interface FakeHubOptions {
    repos: Record<string, string | FakeRepo>;
    pageSize?: number;
    faults?: Faults;
}

export interface FakeHub {
    url: string;
    storeUrl: string;
    requests: FakeRequest[];
    faults: Faults;
    commitOf(id: string): string | undefined;
    close(): Promise<void>;
}

export function startFakeHub(options: FakeHubOptions): Promise<FakeHub>;
