/** Imports of an answer: none twice, names of one module in one statement. */

import { expect, it } from "vitest";
import { missingImports } from "../../../src/edit/imports";

const merged = (file: string[], answer: string[]) => {
    const lines = (list: string[]) => list.map((text) => text.split("\n"));
    const { changed, added } = missingImports(lines(file), lines(answer));
    const now = file.map((text, i) => changed.get(i)?.join("\n") ?? text);
    return [...now, ...added.map((text) => text.join("\n"))];
};

it.each([
    [
        ['import { a } from "./lib";'],
        ["import { a, b } from './lib'"],
        ['import { a, b } from "./lib";'],
    ],
    [
        ['import { a, b } from "./lib";'],
        ['import { b } from "./lib";'],
        ['import { a, b } from "./lib";'],
    ],
    [
        ['import {\n    a,\n} from "./lib";'],
        ['import { c, b } from "./lib";'],
        ['import {\n    a, c, b,\n} from "./lib";'],
    ],
    [
        ["from typing import List"],
        ["from typing import List, Dict"],
        ["from typing import List, Dict"],
    ],
    [
        ["from m import (\n    a,\n)"],
        ["from m import b as c"],
        ["from m import (\n    a, b as c,\n)"],
    ],
    [
        ["const { a } = require('x');"],
        ['const { b } = require("x");'],
        ["const { a, b } = require('x');"],
    ],
    [["import {} from 'x'"], ["import { a } from 'x'"], ["import { a} from 'x'"]],
    [["import fs from 'node:fs';"], ['import fs from "node:fs"'], ["import fs from 'node:fs';"]],
    [
        ['import { type A, b } from "m";'],
        ['import { A, b } from "m";'],
        ['import { type A, b } from "m";'],
    ],
    [
        ['import {\n    a, // first\n} from "m";'],
        ['import { c } from "m";'],
        ['import {\n    a, // first\n} from "m";', 'import { c } from "m";'],
    ],
])("%j and %j are %j", (file, answer, wanted) => expect(merged(file, answer)).toEqual(wanted));

it.each([
    [['import type { a } from "x";'], ['import { b } from "x";']],
    [['import { a } from "x";'], ['import { a } from "y";']],
    [["import os"], ["import sys"]],
    [['import x, { a } from "x";'], ['import { b } from "x";']],
])("%j and %j are two", (file, answer) =>
    expect(merged(file, answer)).toEqual([...file, ...answer]),
);
