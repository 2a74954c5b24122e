/** The worker's Hub requests: search, a repository's page, downloads into the Hub cache, publishing. Ends what runs when the parent is gone. */

import type { Log } from "../base/log";
import { fetchFiles } from "../foundry/hub/fetch";
import { readPage } from "../foundry/hub/page";
import { searchHub } from "../foundry/hub/search";
import { planPublish } from "../foundry/publish/plan";
import { publish } from "../foundry/publish/publish";
import { fastestSha256, nodeSha256, type StartSha256 } from "../node/hash";
import { loadNative } from "../node/native";
import type { CallContext } from "../protocol/channel";
import type {
    HubFetchEvent,
    HubFetchParams,
    HubFetchResult,
    HubPageParams,
    HubSearchParams,
} from "../protocol/hub";
import type {
    PublishEvent,
    PublishParams,
    PublishPlanParams,
    PublishResult,
} from "../protocol/publish";
import { Running } from "./running";

/** A download does without the addon where that does not work. */
function startSha256(): StartSha256 {
    try {
        return fastestSha256(loadNative());
    } catch {
        return nodeSha256;
    }
}

export class HubJobs {
    private readonly log: Log;
    private readonly running = new Running();

    constructor(log: Log) {
        this.log = log.child("hub");
    }

    readonly handlers = {
        "hub/search": (params: HubSearchParams, { signal }: CallContext<never>) =>
            searchHub(params, { log: this.log, signal }),

        "hub/page": (params: HubPageParams, { signal }: CallContext<never>) =>
            readPage(params, { log: this.log, signal }),

        "hub/fetch": (
            params: HubFetchParams,
            context: CallContext<HubFetchEvent>,
        ): Promise<HubFetchResult> => {
            const { log } = this;
            return this.running.run(context.signal, (signal) =>
                fetchFiles(params, { log, signal, startSha256: startSha256() }, (event) =>
                    context.progress(event),
                ),
            );
        },

        "publish/plan": (params: PublishPlanParams, { signal }: CallContext<never>) =>
            planPublish(params, { log: this.log, signal }),

        "publish/run": (
            params: PublishParams,
            context: CallContext<PublishEvent>,
        ): Promise<PublishResult> => {
            const { log } = this;
            return this.running.run(context.signal, (signal) =>
                publish(params, { log, signal, startSha256: startSha256() }, (event) =>
                    context.progress(event),
                ),
            );
        },
    };

    /** Cancels downloads and uploads; settles when their files are closed. What has arrived stays for the next time. */
    stop(): Promise<void> {
        return this.running.stop();
    }
}
