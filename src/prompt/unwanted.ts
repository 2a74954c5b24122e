/**
 * What a model has learned by heart and nobody wants in a document: control tokens and the marks of a chat, code fences, keys and
 * passwords, licence headers. Each function cuts before it. What the document itself holds already is not cut. Pure.
 */

import { isCommentLine } from "./comments";
import { linePrefix } from "./lines";
import { hasKey } from "./secretForms";

export interface UnwantedContext {
    prefix: string;
    suffix: string;
    languageId?: string | undefined;
}

const CONTROL =
    /<\|[a-z_]{2,24}\|>|<\/?think>|<(fim|file|repo)_[a-z]{2,8}>|<｜[^｜\n]{2,24}｜>|\[\/?INST\]|<\/?(start|end)_of_turn>|<<\/?SYS>>|^### (Instruction|Response|Assistant|User):/m;

/** Control tokens that a model spelled out, and marks of a chat: everything from there on is no code. */
export function cutControlTokens(text: string, context: UnwantedContext): string {
    return cutAt(text, CONTROL, context);
}

const FENCE = /^[ \t]*(```|~~~)/m;
/** Languages whose texts have fences of their own. */
const FENCED = new Set([
    "markdown",
    "mdx",
    "quarto",
    "rmd",
    "latex",
    "restructuredtext",
    "plaintext",
    "prompt",
]);

/** A code fence ends the code. */
export function cutFence(text: string, context: UnwantedContext): string {
    if (FENCED.has(context.languageId ?? "plaintext")) return text;
    const line = linePrefix(context.prefix);
    const whole = line.trim() === "" ? text : `${line}${text}`;
    const added = whole.length - text.length;
    const cut = cutAt(whole, FENCE, context);
    return cut === whole ? text : cut.slice(added);
}

/** Cuts at a pattern, unless the document near the cursor has it as well. */
function cutAt(text: string, pattern: RegExp, { prefix, suffix }: UnwantedContext): string {
    const at = text.search(pattern);
    if (at < 0) return text;
    const isUsual = pattern.test(prefix.slice(-8000)) || pattern.test(suffix.slice(0, 4000));
    return isUsual ? text : text.slice(0, at);
}

const NAMED = /(secret|token|passw(or)?d|pwd|api_?-?key|access_?-?key|private_?-?key|credential)/i;
const VALUE = /["'`]([A-Za-z0-9+/_=.-]{20,})["'`]/g;
/** Bits a character: words and identifiers of 20 characters have up to 3.7, random base64 more than 4; random hex 3.4 to 4. */
const MIN_BITS = 4;
const MIN_HEX_BITS = 3.2;

/** Whole lines before the first one that holds a key or a password. */
export function cutSecret(text: string, { prefix }: UnwantedContext): string {
    const lines = text.split("\n");
    const start = linePrefix(prefix);
    const at = lines.findIndex((line, i) => {
        if (hasKey(line)) return true;
        const whole = i === 0 ? start + line : line;
        // Typed by the person so far, and finished by the model.
        if (i === 0 && hasKey(whole, start)) return true;
        return NAMED.test(whole) && [...line.matchAll(VALUE)].some(([, value]) => isRandom(value));
    });
    return at < 0 ? text : lines.slice(0, at).join("\n");
}

/** Whether a text looks drawn by chance: three kinds of characters and no word in it. */
function isRandom(value = ""): boolean {
    if (/^[0-9a-f]+$/i.test(value)) return value.length >= 32 && bits(value) >= MIN_HEX_BITS;
    const hasKinds = /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value);
    return hasKinds && !/[a-z]{7}/.test(value) && bits(value) >= MIN_BITS;
}

/** Shannon entropy of a text's characters. */
function bits(text: string): number {
    const counts = new Map<string, number>();
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    const shares = [...counts.values()].map((count) => count / text.length);
    return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

const LICENCE =
    /\bcopyright\s+(\(c\)|©|\d{4})|©\s*\d{4}|\blicensed (under|to) (the|you)\b|SPDX-License-Identifier|\ball rights reserved\b|permission is hereby granted|redistribution and use in source|GNU (lesser |affero |library )?general public licen[sc]e|without warrant(y|ies) (of|or)\b/i;

/** Comments about whose code this is and under which licence: whole lines before the first. Not where a person is writing them. */
export function cutLicence(text: string, { prefix, languageId = "" }: UnwantedContext): string {
    const lines = text.split("\n");
    const line = linePrefix(prefix);
    const at = lines.findIndex((answer, i) => {
        const whole = i === 0 ? line + answer : answer;
        return isCommentLine(whole, languageId) && LICENCE.test(answer);
    });
    if (at < 0) return text;
    const isOwn = LICENCE.test(prefix.slice(-400).split("\n").slice(-5).join("\n"));
    if (isOwn) return text;
    const kept = lines.slice(0, at).join("\n");
    return /\w/.test(kept) ? kept : "";
}
