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
    [
        ['import React from "react";'],
        ['import React, { useState } from "react";'],
        ['import React, { useState } from "react";'],
    ],
    [
        ['import { useState } from "react";'],
        ["import React, { useState, useMemo } from 'react'"],
        ['import React, { useState, useMemo } from "react";'],
    ],
    [
        ['import React, {\n    useState,\n} from "react";'],
        ['import React, { useMemo } from "react";'],
        ['import React, {\n    useState, useMemo,\n} from "react";'],
    ],
    [
        ["import R from 'react';"],
        ["import React, { a } from 'react';"],
        ["import R, { a } from 'react';", "import React from 'react';"],
    ],
    [['import { A } from "m";'], ['import type { A } from "m";'], ['import { A } from "m";']],
    [
        ['import type { A } from "m";'],
        ['import type { A, B } from "m";'],
        ['import type { A, B } from "m";'],
    ],
    [['import x, { a } from "x";'], ['import { b } from "x";'], ['import x, { a, b } from "x";']],
    [["import os, sys"], ["import sys, re"], ["import os, sys", "import re"]],
    [
        ['import (\n\t"fmt"\n\t"os"\n)'],
        ['import (\n\t"fmt"\n\tstr "strings" // words\n)'],
        ['import (\n\t"fmt"\n\t"os"\n\tstr "strings"\n)'],
    ],
    [['import (\n\t"fmt"\n)'], ['import "fmt"'], ['import (\n\t"fmt"\n)']],
    [['import (\n\t"fmt"\n)'], ['import "os"'], ['import (\n\t"fmt"\n\t"os"\n)']],
    [['import "fmt"'], ['import (\n\t"fmt"\n\t"os"\n)'], ['import "fmt"', 'import "os"']],
    [['import "fmt"'], ['import "os"'], ['import "fmt"', 'import "os"']],
    [["use a::{b, c};"], ["use a::{b, d};"], ["use a::{b, c, d};"]],
    [
        ["use std::{\n    fmt,\n    io::{self, Read},\n};"],
        ["use std::io;", "use std::io::{Read, Write};", "use std::fs;"],
        ["use std::{\n    fmt,\n    io::{self, Read}, fs,\n};", "use std::io::Write;"],
    ],
    [["use a::b;"], ["use a::{b, c};"], ["use a::b;", "use a::c;"]],
    [["use a::{b}; "], ["pub use a::c;"], ["use a::{b}; ", "pub use a::c;"]],
    [["use App\\{A, B};"], ["use App\\B;", "use App\\C;"], ["use App\\{A, B, C};"]],
])("%j and %j are %j", (file, answer, wanted) => expect(merged(file, answer)).toEqual(wanted));

it.each([
    [['import type { a } from "x";'], ['import { b } from "x";']],
    [['import { a } from "x";'], ['import { a } from "y";']],
    [["import os"], ["import sys"]],
    [['import * as x from "x";'], ['import { b } from "x";']],
    [['import type x from "x";'], ['import type { b } from "x";']],
])("%j and %j are two", (file, answer) =>
    expect(merged(file, answer)).toEqual([...file, ...answer]),
);
