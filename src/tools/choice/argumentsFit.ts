/**
 * Whether a question names what a tool has to be given: a path, an address, something to look for. In logarithms of odds, as `suitedTo` adds them up. Pure.
 */

import type { ToolDefinition } from "../../protocol/chat";
import type { Named } from "./shape";
import { isObject } from "../schemaParts";

/** An argument that has to be given and that the question does not name. */
const NO_PATH = -2;
const NO_ADDRESS = -4;
/** A path is named, and the tool has no place for one; or it is a folder's and the tool is for files, or the other way round. */
const NO_PLACE = -1;
const OTHER_KIND = -2;
/** A name in code, without a path, is what is searched for. */
const SEARCHED = 4;

/** By the names of its parameters. */
export function argumentsFit(tool: ToolDefinition, named: Named): number {
    const { name, description, parameters } = tool;
    const { required } = isObject(parameters) ? parameters : {};
    const needed = Array.isArray(required) ? required.map(String) : [];
    const all = parameterNames(tool);
    const isPathNamed = named.file || named.folder;
    let sum = 0;
    if (needed.some(isAddress) && !named.address) sum += NO_ADDRESS;
    if (isPathNamed && !all.some(isPlace)) sum += NO_PLACE;
    if (needed.some(isPath)) sum += pathFit(name, named);
    const isByName = /\bglob\b|\b(?:by|their) names?\b/i.test(description);
    if ((named.code || named.quoted) && !isPathNamed && !isByName && needed.some(isSearched))
        sum += SEARCHED;
    return sum;
}

/** What a tool may be given. */
export function parameterNames({ parameters }: ToolDefinition): string[] {
    const { properties } = isObject(parameters) ? parameters : {};
    return isObject(properties) ? Object.keys(properties) : [];
}

/** Of a tool that has to be given a path. */
function pathFit(name: string, { file, folder }: Named): number {
    if (!file && !folder) return NO_PATH;
    const isForFolders = /dir(?:ectory)?|folder/i.test(name);
    return (isForFolders ? file : folder) ? OTHER_KIND : 0;
}

const isAddress = (name: string) => /url|link|website/i.test(name);
const isPath = (name: string) => /path|file|dir|folder/i.test(name) && !isAddress(name);
const isSearched = (name: string) =>
    /^(?:search)?(?:quer|symbol|text|term|keyword|regex|pattern)/i.test(name);
const isPlace = (name: string) => isPath(name) || isSearched(name) || /command|filter/i.test(name);
