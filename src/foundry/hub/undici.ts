/** What of undici is used, under its names: of a CommonJS package that is loaded at first use, a bundle keeps none. */

export { EnvHttpProxyAgent, fetch } from "undici";
